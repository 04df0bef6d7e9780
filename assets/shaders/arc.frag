// A fibre link's ribbon; a cut one is dashed and has a gap in the middle.
flat in vec4 tint;
flat in float is_cut;
in vec2 along; // m from its beginning, and part of the way
out vec4 result;

void main() {
    if (is_cut > 0.5 && (abs(along.y - 0.5) < 0.05 || fract(along.y * 16.0 + 0.25) > 0.5))
        discard;
    result = tint;
}
