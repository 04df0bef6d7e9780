// A fibre link as an arc, a ribbon of constant width on the screen, made from the vertex number alone.
layout(location = 5) in vec4 ends;    // x0, y0, x1, y1
layout(location = 6) in vec4 shape;   // height of the arc, width in pixels (negative: cut), height of the ends, id of the link
layout(location = 7) in vec4 colour;
uniform vec4 frame; // viewport width and height, segments, 1 when picking, below 0: how much fainter
flat out vec4 tint;
flat out float is_cut;
out vec2 along; // m from its beginning, and part of the way

vec3 arc_at(float t) {
    return vec3(mix(ends.xy, ends.zw, t), shape.z + 4.0 * t * (1.0 - t) * shape.x);
}

void main() {
    float t = float(gl_VertexID / 2) / frame.z;
    float side = float(gl_VertexID % 2) * 2.0 - 1.0;
    vec3 place = arc_at(t);
    vec4 here = view_projection * vec4(place, 1.0);
    vec4 next = view_projection * vec4(arc_at(t + 0.01), 1.0);
    vec2 way = (next.xy / max(next.w, 0.1) - here.xy / max(here.w, 0.1)) * frame.xy;
    vec2 across = normalize(vec2(-way.y, way.x) + vec2(1e-6, 0.0));
    here.xy += across * side * abs(shape.y) * windows.z / frame.xy * here.w;
    along = vec2(t * distance(ends.xy, ends.zw), t);
    is_cut = float(shape.y < 0.0 && frame.w < 0.5);
    tint = vec4(mix(colour.rgb, haze.rgb, 0.6 * haze_at(place)), colour.a);
    tint.a *= 1.0 + min(frame.w, 0.0);
    if (frame.w > 0.5) { // the number of the link, byte by byte
        uint id = uint(shape.w) | 6u << 28;
        tint = vec4(float(id & 255u), float(id >> 8 & 255u), float(id >> 16 & 255u), float(id >> 24)) / 255.0;
    }
    gl_Position = here;
}
