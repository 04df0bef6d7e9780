uniform sampler2D letters;
flat in vec4 tint;
flat in float level, sharp;
in vec2 at;
out vec4 result;

void main() {
    float inside = (texture(letters, at).r - level) * sharp + 0.5;
    if (inside <= 0.0)
        discard;
    result = vec4(tint.rgb, tint.a * min(inside, 1.0));
}
