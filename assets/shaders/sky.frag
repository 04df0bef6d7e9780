in float height;
out vec4 result;

void main() {
    float t = clamp(height, 0.0, 1.0);
    result = vec4(mix(haze.rgb, zenith.rgb, t * (1.6 - 0.6 * t)), 1.0);
}
