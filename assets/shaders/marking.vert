layout(location = 0) in vec3 position;
layout(location = 1) in uvec4 kind_in;
layout(location = 2) in vec4 colour;
layout(location = 3) in vec2 across_along;
out vec3 place;
out vec3 tint;
out vec2 spot; // m to the left, m along
flat out uint kind;

void main() {
    place = position;
    tint = colour.rgb;
    spot = across_along;
    kind = kind_in.x;
    gl_Position = view_projection * vec4(position, 1.0);
}
