// Stop lines and crossings.
uniform sampler2D ground_light;
in vec3 place;
in vec3 tint;
in float across;
flat in uint kind;
out vec4 result;

void main() {
    float alpha = 0.85;
    if (kind == 1u) {
        float pixel = max(fwidth(across), 0.001);
        float stripe = abs(fract(across) - 0.5) * 1.0; // 1 m from stripe to stripe
        alpha *= mix(clamp((0.25 - stripe) / pixel + 0.5, 0.0, 1.0), 0.5, clamp(pixel * 2.0 - 0.6, 0.0, 1.0));
    }
    vec2 light = texture(ground_light, (place.xy - light_map.xy) * light_map.zw).rg;
    vec3 colour = tint * (sun_colour.rgb * (sun.z * light.r) + sky_colour.rgb * light.g);
    colour += tint * vec3(1.0, 0.72, 0.42) * (windows.y * 0.5);
    result = vec4(mix(grey_out(colour), haze.rgb, haze_at(place)), alpha * (1.0 - haze_at(place)));
}
