// A raster laid on the ground: corners from the vertex number.
uniform vec4 extent; // x0, y0, x1, y1
out vec2 at;

void main() {
    at = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1));
    gl_Position = view_projection * vec4(mix(extent.xy, extent.zw, at), 0.0, 1.0);
}
