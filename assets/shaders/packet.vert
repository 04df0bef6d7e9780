// Data on its way: a point that runs along its link's arc by the clock.
layout(location = 5) in vec4 ends;
layout(location = 6) in vec4 shape;  // height of the arc, phase 0..1, height of the ends, turns a second
layout(location = 7) in vec4 colour; // alpha: size
flat out vec4 tint;

void main() {
    float t = fract(shape.y + eye.w * shape.w);
    vec3 place = vec3(mix(ends.xy, ends.zw, t), shape.z + 4.0 * t * (1.0 - t) * shape.x);
    gl_Position = view_projection * vec4(place, 1.0);
    gl_PointSize = clamp(colour.a * 45.0 * sun.w / gl_Position.w, 3.0 * windows.z, 8.0 * windows.z);
    float fade = clamp(t * 12.0, 0.0, 1.0) * clamp((1.0 - t) * 12.0, 0.0, 1.0);
    tint = vec4(colour.rgb, fade * (1.0 - 0.5 * haze_at(place)));
}
