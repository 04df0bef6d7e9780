// Land and water: baked sun and sky light, lamp light at night.
uniform sampler2D ground_light;
uniform sampler2D lamp_light, city_ground;
uniform vec4 extent; // of the city's ground: corner, 1 / width, 1 / height
in vec3 place;
in vec4 tint;
out vec4 result;

void main() {
    vec2 at = (place.xy - light_map.xy) * light_map.zw;
    vec2 light = texture(ground_light, at).rg;
    vec3 base = tint.rgb;
#ifdef BASE
    // The model's board, with lines as on a map: each 100 m from near, each kilometre, each 10 km ... from farther away.
    vec2 pixel = max(fwidth(place.xy), vec2(0.01));
    float decade = log2(max(max(pixel.x, pixel.y) * 40.0, 100.0)) * 0.30103;
    float step_m = pow(10.0, floor(decade)), fine = 1.0 - fract(decade);
    float width = 0.2 + 0.5 * windows.z; // half a pixel that is shown, and a soft edge
    vec2 near = abs(fract(place.xy / step_m + 0.5) - 0.5) * step_m / pixel;
    vec2 far = abs(fract(place.xy / (step_m * 10.0) + 0.5) - 0.5) * step_m * 10.0 / pixel;
    float lines = clamp(width - min(near.x, near.y), 0.0, 1.0) * 0.06 * fine +
                  clamp(width + 0.3 * fine - min(far.x, far.y), 0.0, 1.0) * (0.06 + 0.05 * fine);
    // The city's own ground is of another card than the board it stands on.
    vec2 inside = (place.xy - extent.xy) * extent.zw;
    if (inside.x > 0.0 && inside.y > 0.0 && inside.x < 1.0 && inside.y < 1.0)
        base *= 1.0 - vec3(0.055, 0.065, 0.085) * texture(city_ground, inside).r;
    base *= 1.0 - lines;
#endif
    vec3 colour = base * (sun_colour.rgb * (sun.z * light.r) + sky_colour.rgb * light.g);
#ifdef NIGHT
    colour += base * vec3(1.0, 0.72, 0.42) * (texture(lamp_light, at).r * windows.y);
#endif
    vec3 ray = place - eye.xyz;
    float square = dot(ray, ray);
#ifdef WATER
    float flat_ray = 1.0 + ray.z * inversesqrt(square); // 0 from above, 1 along the surface
    vec3 mirrored = mix(zenith.rgb, haze.rgb, flat_ray * flat_ray);
    // Small waves from near, long swell from farther away.
    float fade = clamp(1.5 - fwidth(place.x) * 2.0, 0.0, 1.0), swell = clamp(1.5 - fwidth(place.x) * 0.1, 0.0, 1.0);
    float wave = sin(dot(place.xy, vec2(0.9, 1.3)) + 3.0 * sin(place.x * 0.11) + eye.w * 1.1) *
                 sin(dot(place.xy, vec2(-1.1, 0.7)) + 2.0 * sin(place.y * 0.13) - eye.w * 0.8);
    float long_wave = sin(place.x * 0.021 + 2.0 * sin(place.y * 0.013) + eye.w * 0.1) * sin(place.y * 0.027 + 1.7 * sin(place.x * 0.011));
    colour *= 1.0 + 0.035 * wave * fade + 0.03 * long_wave * swell;
    colour = mix(colour, mirrored, 0.12 + 0.6 * flat_ray * flat_ray * flat_ray);
#endif
    result = vec4(mix(grey_out(colour), haze.rgb, haze_of(square)), 1.0);
}
