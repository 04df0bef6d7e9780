// Stop lines, crossings and arrows.
uniform sampler2D ground_light;
in vec3 place;
in vec3 tint;
in vec2 spot; // m to the left, m along
flat in uint kind;
out vec4 result;

// Negative inside a bar from a to b.
float bar(vec2 p, vec2 a, vec2 b) {
    vec2 d = max(a - p, p - b);
    return max(d.x, d.y);
}

// Negative inside the arrow of the ways of its bits: 1 straight, 2 left, 4 right.
float arrow(vec2 p, uint ways) {
    bool is_straight = (ways & 1u) != 0u;
    float d = bar(p, vec2(-0.09, 0.0), vec2(0.09, is_straight ? 3.5 : 2.3));
    if (is_straight)
        d = min(d, max(3.4 - p.y, abs(p.x) + (p.y - 4.9) * 0.24));
    for (uint way = 2u; way <= 4u; way *= 2u)
        if ((ways & way) != 0u) {
            vec2 q = vec2(way == 2u ? p.x : -p.x, p.y - 2.15);
            d = min(d, bar(q, vec2(0.0, -0.16), vec2(0.42, 0.16)));
            d = min(d, max(0.38 - q.x, abs(q.y) + (q.x - 0.8) * 1.6));
        }
    return d;
}

void main() {
    float alpha = 0.85;
    float pixel = max(fwidth(spot.x), 0.001);
    if (kind == 1u) {
        float stripe = abs(fract(spot.x) - 0.5) * 1.0; // 1 m from stripe to stripe
        alpha *= mix(clamp((0.25 - stripe) / pixel + 0.5, 0.0, 1.0), 0.5, clamp(pixel * 2.0 - 0.6, 0.0, 1.0));
    } else if (kind == 2u) // over a tunnel
        alpha *= 0.75 * step(fract(spot.y / 7.0), 0.6);
    else if (kind == 3u) // the shade of a portal
        alpha *= spot.y * spot.y;
    else if (kind >= 8u)
        alpha *= clamp(0.5 - arrow(spot, kind - 8u) / pixel, 0.0, 1.0) * clamp(1.6 - pixel * 2.0, 0.0, 1.0);
#ifdef FADE
    alpha *= 1.0 - clamp((distance(place, eye.xyz) - fade.z) * fade.w, 0.0, 1.0);
#endif
    vec2 light = texture(ground_light, (place.xy - light_map.xy) * light_map.zw).rg;
    light.r = sun_on(place, vec3(0.0, 0.0, 1.0), light.r);
    vec3 colour = tint * (sun_colour.rgb * (sun.z * light.r) + sky_colour.rgb * light.g);
    colour += tint * vec3(1.0, 0.72, 0.42) * (windows.y * 0.5);
    result = vec4(mix(grey_out(colour), haze.rgb, haze_at(place)), alpha * (1.0 - haze_at(place)));
}
