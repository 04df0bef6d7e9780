uniform vec4 horizon; // its height on the screen (-1..1), the zenith's height
out float height;
out vec2 at; // on the screen, -1 to 1

void main() {
    at = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1)) * 2.0 - 1.0;
    height = (at.y - horizon.x) / max(horizon.y - horizon.x, 0.1);
    gl_Position = vec4(at, 1.0, 1.0);
}
