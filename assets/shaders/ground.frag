// Land and water: baked sun and sky light, lamp light at night.
uniform sampler2D ground_light;
uniform sampler2D lamp_light, city_ground;
uniform vec4 extent; // of the city's ground: corner, 1 / width, 1 / height
in vec3 place;
in vec4 tint;
out vec4 result;

#ifdef BASE
float plate(vec2 at) {
    return smoothstep(0.25, 0.55, texture(city_ground, at).r);
}
#endif

void main() {
#ifdef FADE
    if (is_faded(gl_FragCoord.xy, distance(place, eye.xyz)))
        discard;
#endif
    vec2 at = (place.xy - light_map.xy) * light_map.zw;
    vec2 light = texture(ground_light, at, scenery.w > 0.0 ? 0.0 : 0.6).rg; // softer where a pixel has one sample
    light.r = sun_on(place, vec3(0.0, 0.0, 1.0), light.r);
    vec3 base = tint.rgb * (1.0 - 0.2 * scenery.z);
#ifdef BASE
    // The model's board, with lines as on a map: each 100 m from near, each kilometre, each 10 km ... from farther away.
    vec2 pixel = max(fwidth(place.xy), vec2(0.01));
    float decade = log2(max(max(pixel.x, pixel.y) * 40.0, 100.0)) * 0.30103;
    float step_m = pow(10.0, floor(decade)), fine = 1.0 - fract(decade);
    float width = 0.2 + 0.5 * windows.z; // half a pixel that is shown, and a soft edge
    vec2 near = abs(fract(place.xy / step_m + 0.5) - 0.5) * step_m / pixel;
    vec2 far = abs(fract(place.xy / (step_m * 10.0) + 0.5) - 0.5) * step_m * 10.0 / pixel;
    float lines = clamp(width - min(near.x, near.y), 0.0, 1.0) * 0.035 * fine +
                  clamp(width + 0.3 * fine - min(far.x, far.y), 0.0, 1.0) * (0.035 + 0.03 * fine);
    lines *= clamp(1.5 - eye.z * 0.00001, 0.0, 1.0); // from high above there are degrees
    // The city stands on a plate of lighter card, which throws a soft shadow on the board.
    vec2 inside = (place.xy - extent.xy) * extent.zw, thick = 0.006 * sun.xy / max(sun.z, 0.4);
    float card = plate(inside), shade = max(plate(inside + thick), plate(inside + thick * 0.4)) * (1.0 - card);
    base = mix(base * (1.0 - lines), vec3(0.868, 0.848, 0.810), card);
    shade *= clamp(eye.z * extent.z * 6.0 - 0.2, 0.0, 1.0); // seen as a model from above only
    light.r *= 1.0 - 0.5 * shade;
    light.g *= 1.0 - 0.22 * shade;
#endif
    base *= 1.0 - 0.07 * scenery.x; // flat buildings stand out
    light.g = mix(light.g, 1.0, 0.7 * scenery.x); // what shades the sky is flat; trees are away
    vec3 colour = base * (sun_colour.rgb * (sun.z * light.r) + sky_colour.rgb * light.g);
#ifdef NIGHT
    colour += base * vec3(1.0, 0.72, 0.42) * (texture(lamp_light, at).r * windows.y);
#endif
    vec3 ray = place - eye.xyz;
    float square = dot(ray, ray);
#ifdef WATER
    float flat_ray = 1.0 + ray.z * inversesqrt(square); // 0 from above, 1 along the surface
    vec3 mirrored = mix(zenith.rgb, haze.rgb, flat_ray * flat_ray);
    // Small waves from near, long swell from farther away; three directions that never fall together.
    float pixel_m = fwidth(place.x) + fwidth(place.y);
    float fade = clamp(1.4 - pixel_m * 3.5, 0.0, 1.0), swell = clamp(1.5 - pixel_m * 0.06, 0.0, 1.0);
    vec2 bent = place.xy + 3.0 * sin(place.yx * vec2(0.071, 0.053)) + 9.0 * sin(place.yx * vec2(0.017, 0.013));
    float wave = sin(dot(bent, vec2(0.83, 0.41)) + eye.w * 1.1) + sin(dot(bent, vec2(-0.37, 0.97)) - eye.w * 0.8) +
                 sin(dot(bent, vec2(1.31, -0.89)) + eye.w * 1.3);
    float long_wave = sin(dot(bent, vec2(0.021, 0.009)) + eye.w * 0.1) + sin(dot(bent, vec2(-0.007, 0.031)));
    colour *= 1.0 + 0.013 * wave * fade + 0.02 * long_wave * swell;
    colour = mix(colour, mirrored, 0.12 + 0.6 * flat_ray * flat_ray * flat_ray);
#endif
    result = vec4(mix(grey_out(soften(colour)), haze.rgb, haze_of(square)), 1.0);
}
