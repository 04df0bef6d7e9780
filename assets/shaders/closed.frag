// A barrier's stripes, with dark rims where the ribbon is wider than its lanes.
in vec2 lane_place;
in float aside, widened, pixel_m, haze_share;
flat in vec2 is_shut_selected;
out vec4 result;

void main() {
    float period = 6.0 * exp2(max(ceil(log2(10.0 * pixel_m / 6.0)), 0.0)); // m; longer and longer, so that stripes stay apart
    float at = (lane_place.x + lane_place.y) / period;
    float white = clamp((abs(fract(at) - 0.5) - 0.26) / max(fwidth(at), 1e-4) + 0.5, 0.0, 1.0);
    vec3 colour = mix(vec3(0.76, 0.10, 0.10), vec3(0.93, 0.93, 0.90), white);
    float alpha = mix(0.92, 0.92 * (1.0 - white), widened * (1.0 - is_shut_selected.x)); // what an overlay says of the lanes that are left
    float pixel_share = max(fwidth(aside), 1e-4), rim_px = (is_shut_selected.y > 0.5 ? 2.5 : 1.2) * windows.z;
    float rim = clamp(rim_px + 0.5 - min(aside, 1.0 - aside) / pixel_share, 0.0, 1.0);
    colour = mix(colour, is_shut_selected.y > 0.5 ? accent : vec3(0.20, 0.05, 0.05), rim * max(widened, is_shut_selected.y));
    result = vec4(mix(colour, haze.rgb, haze_share), alpha);
}
