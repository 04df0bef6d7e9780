uniform vec4 horizon; // its height on the screen (-1..1), the zenith's height
out float height;

void main() {
    vec2 p = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1)) * 2.0 - 1.0;
    height = (p.y - horizon.x) / max(horizon.y - horizon.x, 0.1);
    gl_Position = vec4(p, 1.0, 1.0);
}
