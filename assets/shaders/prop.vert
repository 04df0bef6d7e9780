// Small things by instance: vehicles, masts, cabinets. The mesh fills a unit box standing on z = 0, x forwards.
layout(location = 0) in vec3 position;
layout(location = 1) in vec4 normal;
layout(location = 2) in vec4 part_colour; // rgb and, in alpha, the part: see prop_part in view_props.c
layout(location = 5) in vec4 where;       // x, y, z, heading
layout(location = 6) in vec4 size;        // length, width, height, lamps: bits 1 braking, 2 chosen, 4 turns left, 8 right
layout(location = 7) in vec4 body;        // rgb, glow
uniform sampler2D ground_light;
flat out vec4 tint;
#ifdef FADE
flat out float away;
#endif

void main() {
    float c = cos(where.w), s = sin(where.w);
    vec3 p = position * size.xyz;
    p = vec3(c * p.x - s * p.y, s * p.x + c * p.y, p.z) + where.xyz;
    vec3 n = vec3(c * normal.x - s * normal.y, s * normal.x + c * normal.y, normal.z);
    int part = int(part_colour.a * 255.0 + 0.5), lamps = int(size.w + 0.5);
#ifdef FADE
    away = (lamps & 2) != 0 ? 0.0 : distance(where.xyz, eye.xyz); // what is chosen keeps its shape
#endif
    vec2 light = textureLod(ground_light, (where.xy - light_map.xy) * light_map.zw, 1.0).rg;
    // A vehicle is in the sun or not as a whole: by its roof.
    light.r = sun_on(vec3(where.xy, where.z + size.z + 0.1), vec3(0.0, 0.0, 1.0), light.r);
    if (body.a > 0.0) // equipment shines by itself, wherever it stands
        light = vec2(1.0);
    vec3 base = part == 0 || part >= 7 ? body.rgb : part_colour.rgb;
    vec3 colour = base * (sun_colour.rgb * (max(dot(n, sun.xyz), 0.0) * light.r) +
                          sky_colour.rgb * (light.g * (0.7 + 0.3 * n.z)));
    colour += base * vec3(1.0, 0.75, 0.5) * (windows.y * 0.4);
    float alpha = 1.0;
    if (part == 0)
        colour = mix(colour, body.rgb, body.a);
    else if (part == 2) // tail lamps
        colour = vec3(0.75, 0.05, 0.04) * ((lamps & 1) != 0 ? 1.25 : 0.35 + 0.4 * sun_colour.w);
    else if (part == 3) // head lamps
        colour = mix(colour, vec3(1.0, 0.95, 0.8), sun_colour.w);
    else if (part == 4) // the shade under it
        alpha = 0.42 * (1.0 - sky_colour.w);
    else if (part == 5) // blue lamps
        colour = vec3(0.15, 0.35, 1.0) * (0.4 + 0.9 * step(0.5, fract(eye.w * 2.0 + where.x * 0.1)));
    else if (part == 6) // see-through
        alpha = 0.24;
    else if (part >= 7) { // indicators: 4 is left, 8 right
        bool is_lit = (lamps & (part == 7 ? 4 : 8)) != 0 && fract(eye.w * 1.4 + where.x * 0.37) < 0.55;
        colour = is_lit ? vec3(1.0, 0.62, 0.06) : base * 0.3 + colour * vec3(0.75, 0.5, 0.3);
    }
    tint = vec4(mix(grey_out(colour), haze.rgb, haze_at(p)), alpha);
    if (part == 0 && body.a > 0.0)
        tint.rgb = mix(colour, haze.rgb, haze_at(p) * 0.5);
    if (part == 6)
        tint.rgb = body.rgb;
    if (part == 4)
        tint.rgb = vec3(0.12, 0.12, 0.13);
    if ((lamps & 2) != 0 && part == 0)
        tint.rgb = accent;
    gl_Position = view_projection * vec4(p, 1.0);
}
