// A crown's colour, shaded from corner to corner.
in vec4 tint;
#ifdef FADE
flat in float away; // from the eye
#endif
out vec4 result;

void main() {
#ifdef FADE
    if (is_faded(gl_FragCoord.xy, away))
        discard;
#endif
    result = tint;
}
