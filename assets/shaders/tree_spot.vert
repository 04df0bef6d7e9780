// A tree too far away for a shape.
layout(location = 0) in vec4 where; // x, y, z, size
layout(location = 2) in vec4 colour; // alpha: its rank in its chunk, 0 to 1
uniform vec4 spot; // x: m to where all are there; from z m on, within 1 / w m
uniform sampler2D ground_light, raster;
flat out vec4 tint; // the sunlit side; w: size in pixels
flat out vec3 shade;
flat out float fade;

void main() {
    float size = where.w * (1.0 - scenery.x);
    vec3 crown = where.xyz + vec3(0.0, 0.0, 0.58 * size);
    gl_Position = view_projection * vec4(crown, 1.0);
    float away_m = distance(where.xyz, eye.xyz), thinned = away_m / spot.x;
    float pixels = 0.78 * clamp(thinned, 1.0, 1.8) * size * sun.w / gl_Position.w;
    gl_PointSize = clamp(pixels, 1.0, 64.0 * windows.z);
    vec2 light = textureLod(ground_light, (where.xy - light_map.xy) * light_map.zw, 2.0).rg;
    vec3 sunlit = sun_colour.rgb * (0.35 + 0.65 * light.r), sky = sky_colour.rgb * (0.75 + 0.25 * light.g);
    vec3 lamps = colour.rgb * vec3(1.0, 0.75, 0.45) * (windows.y * 0.12);
    float away = haze_at(crown);
    fade = clamp(pixels / windows.z - 1.1, 0.0, 1.0); // no edge where they begin
    fade *= clamp((1.0 - colour.a * thinned * thinned) * 8.0, 0.0, 1.0) * clamp((away_m - spot.z) * spot.w, 0.0, 1.0);
    if (fade <= 0.0)
        gl_Position = vec4(2.0, 2.0, 2.0, 1.0); // out of sight
    vec4 cloth = cloth_at(raster, where.xy);
    vec3 bright = mix(grey_out(colour.rgb * (sunlit * 0.95 + sky * 0.9) + lamps), cloth.rgb * 0.95, cloth.a);
    vec3 dark = mix(grey_out(colour.rgb * (sunlit * 0.12 + sky * 0.62) + lamps), cloth.rgb * 0.6, cloth.a);
    tint = vec4(mix(bright, haze.rgb, away), pixels);
    shade = mix(dark, haze.rgb, away);
}
