// The id of everything, byte by byte, for picking.
layout(location = 0) in vec3 position;
layout(location = 4) in uint id;
flat out vec4 tint;

void main() {
    tint = vec4(float(id & 255u), float(id >> 8 & 255u), float(id >> 16 & 255u), float(id >> 24)) / 255.0;
    float z = id >> 28 == 1u ? standing(position.z) : position.z; // 1: buildings
    gl_Position = view_projection * vec4(position.xy, z, 1.0);
}
