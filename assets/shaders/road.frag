// Asphalt with lane lines computed from the place across the street, so that they are crisp from any height.
uniform sampler2D ground_light;
uniform sampler2D lamp_light, shadow_top;
in vec3 place;
in vec2 lane_place; // m from the left edge, m along
in float haze_share;
in float aside;
flat in vec4 tint;
flat in uvec4 lanes;
flat in vec4 data_colour;
flat in float data_level;
out vec4 result;

// Share of a pixel covered by a line of `width` at distance `off`, one pixel being `pixel` wide.
float line(float off, float width, float pixel) {
    return clamp((width * 0.5 - abs(off)) / pixel + 0.5, 0.0, 1.0) * min(1.0, width / pixel);
}

void main() {
#ifdef FADE
    if (is_faded(gl_FragCoord.xy, distance(place, eye.xyz)))
        discard;
#endif
    vec3 base = tint.rgb;
    float across = lane_place.x;
    uint bits = lanes.w;
    float pixel = max(fwidth(across), 0.01);
    if ((bits & 16u) == 0u && pixel < 1.2) {
        vec3 white = vec3(0.93, 0.93, 0.90);
        if ((bits & 8u) != 0u) { // rails
            float rails = line(abs(across - 1.9) - 0.72, 0.18, pixel);
            base = mix(base, vec3(0.42), rails);
        } else {
            float width = float(lanes.y) * 0.05;
            float motor = width * float(lanes.x);
            float near = floor(across / width + 0.5);
            float dash = step(fract(lane_place.y / 9.0), 0.36);
            float lane_line = near > 0.5 && near < float(lanes.x) - 0.5 ? line(across - near * width, 0.15, pixel) * dash : 0.0;
            float edge_line = lanes.z > 0u || (bits & 2u) != 0u ? line(across - motor + 0.1, 0.15, pixel) : 0.0;
            if ((bits & 4u) != 0u && across > motor - width && across < motor) // the bus lane
                base = mix(base, vec3(0.66, 0.50, 0.40), 0.35);
            if (lanes.z > 0u && across > motor) // the cycle lane
                base = mix(base, vec3(0.60, 0.47, 0.42), 0.28);
            base = mix(base, white, max(lane_line, edge_line) * 0.9);
            if ((bits & 32u) != 0u) { // kerb stones, and the gutter before them
                float side = motor + float(lanes.z) * 0.05 - across;
                if ((bits & 1u) == 0u)
                    side = min(side, across);
                base *= 1.0 - 0.25 * line(side - 0.34, 0.3, pixel);
                base = mix(base, vec3(0.80, 0.79, 0.76), line(side - 0.05, 0.3, pixel));
            }
            if ((bits & 1u) != 0u)
                base = mix(base, vec3(0.90, 0.74, 0.30), line(across - 0.12, 0.15, pixel) * 0.9);
        }
    }
    vec2 at = (place.xy - light_map.xy) * light_map.zw;
    vec2 light = texture(ground_light, at).rg;
    if (place.z > 0.6) // a deck: what was baked lies beneath it
        light = vec2(clamp((place.z - textureLod(shadow_top, at, 0.0).r * 6553.5) * 0.8 + 0.5, 0.0, 1.0), 1.0);
    light.r = sun_on(place, vec3(0.0, 0.0, 1.0), light.r);
    base *= 1.0 - 0.4 * scenery.z;
    vec3 colour = base * (sun_colour.rgb * (sun.z * light.r) + sky_colour.rgb * light.g);
    if (scenery.z > 0.0) { // a wet street mirrors the sky where it is seen flat
        vec3 ray = normalize(place - eye.xyz);
        float flat_ray = 1.0 + ray.z;
        colour = mix(colour, haze.rgb, 0.55 * scenery.z * flat_ray * flat_ray * flat_ray * light.g);
    }
#ifdef NIGHT
    colour += base * vec3(1.0, 0.70, 0.40) * (texture(lamp_light, at).r * windows.y * 2.1);
#endif
    colour = grey_out(colour);
    vec3 data = data_colour.rgb;
    if (data_level > 1.5) { // stripes across the street, closer where it is worse; none where they would flicker
        float period = data_level > 2.5 ? 5.0 : 10.0, at = (lane_place.y + lane_place.x) / period;
        float stripe = smoothstep(0.28, 0.22, abs(fract(at) - 0.5));
        data = mix(data, data * 0.35, stripe * clamp(period / (4.0 * fwidth(lane_place.y)) - 0.8, 0.0, 1.0));
    }
    colour = mix(colour, data, data_colour.a);
    if (tint.w > 0.5) { // selected: rimmed, so that what an overlay says of it is still seen
        float pixel_share = max(fwidth(aside), 1e-4), pixels = min(aside / pixel_share + 1.2 * windows.z, (1.0 - aside) / pixel_share);
        colour = mix(colour, accent, clamp(2.5 * windows.z - pixels, 0.0, 1.0));
    }
    result = vec4(mix(colour, haze.rgb, haze_share), 1.0);
}
