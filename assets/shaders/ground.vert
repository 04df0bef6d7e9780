layout(location = 0) in vec3 position;
layout(location = 2) in vec4 colour;
out vec3 place;
out vec4 tint;

void main() {
    place = position;
    tint = colour;
    gl_Position = view_projection * vec4(position, 1.0);
}
