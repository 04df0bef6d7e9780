// Card model by day, lit windows by night.
uniform sampler2D raster;
in vec3 tint;
in vec2 over;
in vec4 wall; // windows along, height, m above the shadow's edge, haze
in float foot;
flat in vec4 lamp; // sun on this face, sky on it, a number of its own, style of its windows
flat in vec4 pick;
out vec4 result;

void main() {
    float lit = lamp.x * clamp(wall.z * 0.5 + 0.5, 0.0, 1.0);
    float open = mix(foot, 1.0, clamp(wall.y * 0.05, 0.0, 1.0));
    vec3 light = sun_colour.rgb * lit + sky_colour.rgb * (open * lamp.y);
    vec3 colour = tint * light;
    if (lamp.w > 0.5) {
        // Flats: single windows; offices: bands; halls: few and high up.
        vec3 style = lamp.w < 1.5 ? vec3(0.333, 0.29, 0.27) : lamp.w < 2.5 ? vec3(0.263, 0.455, 0.29) : vec3(0.143, 0.40, 0.12);
        vec2 grid = vec2(wall.x, wall.y * style.x);
        vec2 size = fwidth(grid);
        float fade = clamp(2.2 - 5.0 * max(size.x, size.y), 0.0, 1.0); // 0: windows smaller than pixels
        vec2 cell = floor(grid);
        vec2 inside = abs(grid - cell - 0.5);
        float pane = step(inside.x, style.y) * step(inside.y, style.z);
        float share = 4.0 * style.y * style.z;
#ifdef NIGHT
        float dice = random(cell, lamp.z + 0.5);
        float awake = windows.x * (lamp.w < 1.5 ? 1.0 : 0.55);
        float on = step(dice, awake);
        float shine = mix(awake * share * (0.5 + 5.0 * pow(fract(lamp.z * 0.618), 3.0)), pane * on * (0.55 + 0.45 * fract(dice * 37.0)), fade);
        vec3 warm = mix(vec3(1.0, 0.74, 0.40), vec3(0.86, 0.90, 1.0), step(lamp.w < 1.5 ? 0.85 : 0.35, fract(dice * 91.0)) * fade);
        colour += warm * (shine * 0.85);
        colour += tint * vec3(1.0, 0.70, 0.40) * (0.16 * windows.y * clamp(1.0 - wall.y * 0.08, 0.0, 1.0));
#endif
        vec3 glass = sky_colour.rgb * vec3(0.80, 0.92, 1.0) + sun_colour.rgb * lit * 0.35;
        colour = mix(colour, glass * 0.92, 0.34 * mix(share, pane, fade) * (1.0 - sky_colour.w));
    }
    colour = grey_out(colour);
    vec4 cloth = pick;
    if (raster_map.z > 0.0 && pick.a == 0.0) {
        cloth = textureLod(raster, (over - raster_map.xy) * raster_map.zw, 0.0);
        cloth.a *= 0.75;
    }
    colour = mix(colour, cloth.rgb * (0.45 + 0.55 * dot(light, vec3(0.33))), cloth.a);
    result = vec4(mix(colour, haze.rgb, wall.w), 1.0);
}
