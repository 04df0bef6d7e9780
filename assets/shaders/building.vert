layout(location = 0) in vec3 position;
layout(location = 1) in vec4 normal_shadow; // w: height below which the sun is hidden, 2 m units
layout(location = 2) in vec4 colour;        // w: share of the sky seen at the foot
layout(location = 3) in vec2 wall_in;       // number of the window along the wall, style of its windows (0: none)
layout(location = 4) in uint id;
out vec3 tint;
out vec2 over; // where on the map
out vec4 wall; // windows along, height, m above the shadow's edge, haze
out float foot;
flat out vec4 lamp; // sun on this face, sky on it, a number of its own, style of its windows
flat out vec4 pick; // a colour laid over it and how much of it

void main() {
    vec3 normal = normal_shadow.xyz;
    tint = colour.rgb;
    foot = colour.a;
    wall = vec4(wall_in.x, position.z, position.z - max(normal_shadow.w, 0.0) * 254.0, haze_at(position));
    // A little of the light that the ground throws back reaches every wall, most the ones towards the sun.
    float bounce = 0.07 * (1.0 - normal.z) * (1.0 + dot(normal.xy, sun.xy));
    lamp = vec4(max(dot(normal, sun.xyz), 0.0), 0.84 + 0.16 * normal.z + bounce, float(id & 1023u), wall_in.y);
    pick = vec4(accent, id == selected.x ? 0.75 : 0.0);
    over = position.xy;
    gl_Position = view_projection * vec4(position, 1.0);
}
