// Trees by instance: x, y, z and size; the mesh fills a unit box standing on z = 0.
layout(location = 0) in vec3 position;
layout(location = 1) in vec4 normal;
layout(location = 2) in vec4 part_colour; // alpha 0: leaves; otherwise a colour of its own
layout(location = 5) in vec4 where;
layout(location = 7) in vec4 body;
uniform sampler2D ground_light, raster;
out vec4 tint; // round, though its faces are few
#ifdef FADE
flat out float away;
#endif

void main() {
#ifdef FADE
    away = distance(where.xyz, eye.xyz);
#endif
    float turn = fract(where.x * 0.37 + where.y * 0.73) * 6.2832;
    float c = cos(turn), s = sin(turn);
    float size = where.w * (1.0 - scenery.x);
    vec3 p = position * vec3(0.72, 0.72, 1.0) * size;
    p = vec3(c * p.x - s * p.y, s * p.x + c * p.y, p.z) + where.xyz;
    vec3 n = vec3(c * normal.x - s * normal.y, s * normal.x + c * normal.y, normal.z);
    vec2 light = textureLod(ground_light, (where.xy - light_map.xy) * light_map.zw, 2.0).rg;
    light.r = sun_on(p + sun.xyz * (0.5 * size), sun.xyz, light.r);
    vec3 base = part_colour.a < 0.002 ? body.rgb * (0.86 + 0.2 * position.z) : part_colour.rgb;
    float wrapped = max(dot(n, sun.xyz) * 0.75 + 0.25, 0.0);
    vec3 colour = base * (sun_colour.rgb * (wrapped * (0.35 + 0.65 * light.r)) +
                              sky_colour.rgb * (0.62 + 0.38 * n.z) * (0.75 + 0.25 * light.g));
    colour += base * vec3(1.0, 0.75, 0.45) * (windows.y * 0.12);
    vec4 cloth = cloth_at(raster, where.xy);
    colour = mix(grey_out(colour), cloth.rgb * (0.55 + 0.4 * wrapped), cloth.a);
    tint = vec4(mix(colour, haze.rgb, haze_at(p)), 1.0);
    gl_Position = view_projection * vec4(p, 1.0);
}
