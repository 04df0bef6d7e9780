layout(location = 0) in vec3 position;
layout(location = 5) in vec4 where;
layout(location = 6) in vec4 size;
layout(location = 8) in uint id;
flat out vec4 tint;

void main() {
    float c = cos(where.w), s = sin(where.w);
    vec3 p = position * size.xyz;
    p = vec3(c * p.x - s * p.y, s * p.x + c * p.y, p.z) + where.xyz;
    tint = vec4(float(id & 255u), float(id >> 8 & 255u), float(id >> 16 & 255u), float(id >> 24)) / 255.0;
    gl_Position = view_projection * vec4(p, 1.0);
}
