// Vehicles too far away for a shape.
layout(location = 0) in vec3 position;
layout(location = 2) in vec4 colour;
flat out vec4 tint;

void main() {
    gl_Position = view_projection * vec4(position, 1.0);
    gl_PointSize = clamp(colour.a * 255.0 * 0.25 * sun.w / gl_Position.w, 2.1 * windows.z, 6.0 * windows.z);
    tint = vec4(mix(colour.rgb, haze.rgb, haze_at(position) * 0.7), 1.0);
}
