// The sea around a coarse coast: a raster of distances laid on the ground.
uniform vec4 extent; // x0, y0, x1, y1
out vec2 at;
out vec3 place;

void main() {
    at = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1));
    place = vec3(mix(extent.xy, extent.zw, at), 0.0);
    gl_Position = view_projection * vec4(place, 1.0);
}
