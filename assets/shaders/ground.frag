// Land and water: baked sun and sky light, lamp light at night.
uniform sampler2D ground_light;
uniform sampler2D lamp_light;
in vec3 place;
in vec4 tint;
out vec4 result;

void main() {
    vec2 at = (place.xy - light_map.xy) * light_map.zw;
    vec2 light = texture(ground_light, at).rg;
    vec3 colour = tint.rgb * (sun_colour.rgb * (sun.z * light.r) + sky_colour.rgb * light.g);
#ifdef NIGHT
    colour += tint.rgb * vec3(1.0, 0.72, 0.42) * (texture(lamp_light, at).r * windows.y);
#endif
    vec3 ray = place - eye.xyz;
    float square = dot(ray, ray);
#ifdef WATER
    float flat_ray = 1.0 + ray.z * inversesqrt(square); // 0 from above, 1 along the surface
    vec3 mirrored = mix(zenith.rgb, haze.rgb, flat_ray * flat_ray);
    colour = mix(colour, mirrored, 0.12 + 0.6 * flat_ray * flat_ray * flat_ray);
#endif
    result = vec4(mix(grey_out(colour), haze.rgb, haze_of(square)), 1.0);
}
