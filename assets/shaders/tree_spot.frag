// A round crown, lit from above on the sun's side.
flat in vec4 tint;
flat in vec3 shade;
flat in float fade;
out vec4 result;

void main() {
    vec2 off = gl_PointCoord * 2.0 - 1.0;
    if (dot(off, off) > 1.0 && tint.w > 2.5)
        discard;
    result = vec4(mix(tint.rgb, shade, clamp(0.45 + 0.55 * off.y + 0.25 * off.x, 0.0, 1.0)), fade);
}
