// Card model by day, lit windows by night.
in vec3 tint;
in vec4 wall; // m along, height, m above the shadow's edge, haze
in float foot;
flat in vec3 lamp; // sun on this face, sky on it, a number of its own (< 0: a roof)
flat in vec3 pick;
out vec4 result;

void main() {
    bool is_wall = lamp.z >= 0.0;
    float lit = lamp.x * clamp(wall.z * 0.5 + 0.5, 0.0, 1.0);
    float open = is_wall ? mix(foot, 1.0, clamp(wall.y * 0.06, 0.0, 1.0)) : 1.0;
    vec3 light = sun_colour.rgb * lit + sky_colour.rgb * (open * lamp.y);
    vec3 colour = tint * light;
#ifdef WINDOWS
    if (is_wall) {
        vec2 grid = wall.xy * vec2(0.3125, 0.303);
        vec2 size = fwidth(grid);
        float fade = clamp(2.2 - 5.0 * max(size.x, size.y), 0.0, 1.0); // 0: windows smaller than pixels
        vec2 cell = floor(grid);
        vec2 inside = abs(grid - cell - 0.5);
        float pane = step(inside.x, 0.32) * step(inside.y, 0.30);
#ifdef NIGHT
        float dice = random(cell, lamp.z + 0.5);
        float on = step(dice, windows.x);
        float shine = mix(windows.x * 0.38, pane * on * (0.55 + 0.45 * fract(dice * 37.0)), fade);
        vec3 warm = mix(vec3(1.0, 0.74, 0.40), vec3(0.86, 0.90, 1.0), step(0.8, fract(dice * 91.0)) * fade);
        colour += warm * (shine * 0.85);
        colour += tint * vec3(1.0, 0.70, 0.40) * (0.16 * windows.y * clamp(1.0 - wall.y * 0.08, 0.0, 1.0));
#else
        colour *= 1.0 - 0.15 * mix(0.38, pane, fade);
#endif
    }
#endif
    colour = grey_out(colour);
    colour = mix(colour, pick, pick.r > 0.0 ? 0.75 : 0.0);
    result = vec4(mix(colour, haze.rgb, wall.w), 1.0);
}
