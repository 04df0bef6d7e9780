// Vehicles too far away for a shape, moved between two frames.
layout(location = 0) in vec3 from;
layout(location = 1) in vec3 way;
layout(location = 2) in vec4 paint;   // rgb; alpha: size
layout(location = 3) in float heading;
uniform vec4 moving; // part of the way done; from y m on they come, within 1 / z m, in place of shapes
flat out vec4 tint;

void main() {
    vec3 place = from + way * moving.x;
    vec3 ray = eye.xyz - place;
    gl_Position = view_projection * vec4(place + vec3(0.0, 0.0, 1.0), 1.0);
    float share = clamp((length(ray) - moving.y) * moving.z, 0.0, 1.0);
    if (paint.a == 0.0 || share == 0.0)
        gl_Position = vec4(2.0, 2.0, 2.0, 1.0); // out of sight
    gl_PointSize = clamp(paint.a * 255.0 * 0.25 * sun.w / gl_Position.w, 2.1 * windows.z, 6.0 * windows.z);
    vec3 colour = paint.rgb;
    if (sky_colour.w > 0.5) // head lamps coming, tail lamps going
        colour = dot(ray.xy, vec2(cos(heading), sin(heading))) > 0.0 ? vec3(1.0, 0.94, 0.78) : vec3(0.88, 0.22, 0.16);
    tint = vec4(mix(colour, haze.rgb, haze_at(place) * 0.7), share);
}
