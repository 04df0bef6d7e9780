// A soft round spot.
flat in vec4 tint;
out vec4 result;

void main() {
    vec2 off = gl_PointCoord * 2.0 - 1.0;
    float far = dot(off, off);
    float core = clamp(1.0 - far, 0.0, 1.0);
    result = vec4(mix(tint.rgb, vec3(1.0), core * core * core * 0.35), tint.a * core);
}
