// Card model by day, lit windows by night.
uniform sampler2D raster, shadow_top;
in vec3 tint;
in vec2 over;
in vec2 lit_at;
in vec4 wall; // windows along, height, height for the shadow, haze
in float foot;
#ifdef SHADOWS
in vec3 place;
flat in vec3 normal_of_face;
#endif
flat in vec3 lamp;  // sun on this face, a number of its own, style of its windows
flat in vec3 sky;   // light of the sky on it, and what the ground throws back
flat in vec4 front; // storeys a metre, their number, half a pane's width and height as parts of its field
flat in vec4 pick;
out vec4 result;

void main() {
#ifdef FADE
    // Each building fades within a part of the band, or of the steps in which small ones go: fewer are seen half.
    float away = distance(vec3(over, wall.y), eye.xyz), own = fract(lamp.y * 0.618034);
    if (fade.x < -1.0)
        away = fade.x + clamp(1.0 + 2.0 * own + 3.0 * (1.0 + fade.x), 0.0, 1.0);
    else if (fade.z > 0.0) {
        vec2 band = fade.x > 0.0 ? fade.xy : fade.zw;
        float way = (away - band.x) * band.y;
        away = band.x + clamp(way * 2.5 - 1.5 * own, 0.0, 1.0) / band.y;
    }
    if (is_faded(gl_FragCoord.xy, away))
        discard;
#endif
    float baked = clamp((wall.z - textureLod(shadow_top, lit_at, 0.0).r * 6553.5) * 0.8 + 0.5, 0.0, 1.0);
#ifdef SHADOWS
    float lit = lamp.x * sun_on(place, normal_of_face, baked);
#else
    float lit = lamp.x * sun_on(vec3(0.0), vec3(0.0), baked);
#endif
    float open = mix(foot, 1.0, clamp(wall.y * 0.05, 0.0, 1.0));
    vec3 light = sun_colour.rgb * lit + sky * open;
    vec3 colour = tint * light;
    if (lamp.z > 0.5 && scenery.x < 1.0) { // no windows in flat ones
        bool is_flats = lamp.z < 1.5, is_office = lamp.z > 1.5 && lamp.z < 2.5;
        vec2 grid = vec2(wall.x, wall.y * front.x);
        vec2 size = fwidth(grid);
        float fade = clamp(2.2 - 5.0 * max(size.x, size.y), 0.0, 1.0); // 0: windows smaller than pixels
        vec2 cell = floor(grid), at = grid - cell - 0.5;
        vec2 half_pane = front.zw;
        if (is_office && cell.y < 0.5) // shops on the ground floor
            half_pane = vec2(0.47, 0.40);
        vec2 inside = abs(at);
        float is_storey = step(cell.y, front.y - 0.5); // none in the parapet
        float pane = step(inside.x, half_pane.x) * step(inside.y, half_pane.y) * is_storey;
        float share = 4.0 * front.z * front.w;
        float dice = random(cell, lamp.y + 0.5), own = fract(lamp.y * 0.7548);
        if (is_flats) { // slabs, and balconies under every other window
            float slab = step(0.455, inside.y) * step(own, 0.6);
            float rail = step(at.y, -0.14) * step(-0.40, at.y) * step(inside.x, 0.43) * step(0.5, fract(cell.x * 0.5 + 0.25)) * step(0.45, own);
            colour *= 1.0 - fade * is_storey * (0.08 * slab + 0.05 * rail);
            pane *= 1.0 - rail;
        } else
            colour *= 1.0 - 0.09 * fade * step(0.47, inside.y) * is_storey;
        // Glass shows the sky, darker under the lintel's shade and where curtains are open.
        vec3 glass = mix(zenith.rgb, haze.rgb, 0.30 + 0.25 * lamp.x) * (0.50 + 0.22 * open) + sun_colour.rgb * (lit * 0.12);
        glass *= mix(0.84, (0.66 + 0.36 * dice) * (1.0 - 0.30 * step(half_pane.y - 0.07, at.y)), fade);
        colour = mix(colour, glass, (is_office ? 0.62 : 0.66) * mix(share, pane, fade) * (1.0 - sky_colour.w) * (1.0 - scenery.x));
#ifdef NIGHT
        float awake = min(windows.x * (is_flats ? 1.0 : 0.55) * (0.45 + 1.1 * own), 1.0);
        // Windows smaller than pixels stand for more and more of them, each building at its own distance; then the mean,
        // brighter as lights are to the eye.
        vec2 many = exp2(clamp(ceil(log2(size) + 1.1 + own), 0.0, 3.0)), crowd = grid / many, pixel = size / many;
        cell = floor(crowd), inside = abs(crowd - cell - 0.5);
        if (many.y > 1.0 || !is_office)
            half_pane = front.zw;
        dice = random(cell, lamp.y + 0.5);
        pane = step(inside.x, half_pane.x) * step(inside.y, half_pane.y) * is_storey;
        float seen = clamp(3.2 - 5.0 * max(pixel.x, pixel.y), 0.0, 1.0);
        float shine = mix(share * 1.6 * awake, pane * step(dice, awake) * (0.6 + 0.5 * fract(dice * 37.0)), seen);
        float cool = mix(is_flats ? 0.15 : 0.65, step(is_flats ? 0.85 : 0.35, fract(dice * 91.0)), seen);
        colour += mix(vec3(1.0, 0.74, 0.40), vec3(0.86, 0.90, 1.0), cool) * (shine * 0.85 * (1.0 - scenery.x));
        colour += tint * vec3(1.0, 0.70, 0.40) * (0.16 * windows.y * clamp(1.0 - wall.y * 0.08, 0.0, 1.0));
#endif
    }
    colour = grey_out(soften(colour));
    vec4 cloth = pick.a > 0.0 ? pick : cloth_at(raster, over);
    colour = mix(colour, cloth.rgb * (0.45 + 0.55 * dot(light, vec3(0.33))), cloth.a);
    result = vec4(mix(colour, haze.rgb, wall.w), 1.0);
}
