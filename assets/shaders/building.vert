layout(location = 0) in vec3 position;
layout(location = 1) in vec4 normal_shadow; // w: height below which the sun is hidden, 2 m units
layout(location = 2) in vec4 colour;        // w: share of the sky seen at the foot
layout(location = 3) in vec2 wall_in;       // m along the wall, top of the building
layout(location = 4) in uint id;
out vec3 tint;
out vec4 wall; // along, height, how far the shadow's edge lies below, haze
out float foot;
flat out vec3 lamp; // x: sun on this face, y: sky on it, z: a number of its own
flat out vec3 pick;

void main() {
    vec3 normal = normal_shadow.xyz;
    tint = colour.rgb;
    foot = colour.a;
    wall = vec4(wall_in.x, position.z, position.z - max(normal_shadow.w, 0.0) * 254.0, haze_at(position));
    lamp = vec3(max(dot(normal, sun.xyz), 0.0), 0.72 + 0.28 * normal.z, normal.z > 0.5 ? -1.0 : float(id & 1023u));
    pick = id == selected.x ? accent : vec3(0.0);
    gl_Position = view_projection * vec4(position, 1.0);
}
