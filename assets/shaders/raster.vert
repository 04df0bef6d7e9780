// The overlay's raster laid on the ground of the city: corners from the vertex number.
uniform vec4 extent; // of the city's ground: x0, y0, x1, y1
out vec2 at, over;

void main() {
    at = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1));
    vec2 place = mix(extent.xy, extent.zw, at);
    over = (place - raster_map.xy) * raster_map.zw;
    gl_Position = view_projection * vec4(place, 0.0, 1.0);
}
