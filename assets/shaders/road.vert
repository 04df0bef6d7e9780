layout(location = 0) in vec3 position;
layout(location = 1) in uvec4 lanes_in; // motor lanes, their width, cycle lane width (5 cm), bits
layout(location = 2) in vec4 colour;
layout(location = 3) in vec2 across_along;
layout(location = 4) in uint id;
uniform samplerBuffer edge_colours; // overlay colour of each edge; alpha: how much of it
out vec3 place;
out vec2 lane_place;
out float haze_share;
flat out vec3 tint;
flat out uvec4 lanes;
flat out vec4 data_colour;

void main() {
    place = position;
    lane_place = across_along;
    haze_share = haze_at(position);
    lanes = lanes_in;
    tint = colour.rgb;
    data_colour = vec4(0.0);
    if (selected.y == 1u && id >> 28 == 2u)
        data_colour = texelFetch(edge_colours, int(id & 0x0FFFFFFFu));
    if (id == selected.x && id != 0u)
        data_colour = vec4(accent, 0.85);
    gl_Position = view_projection * vec4(position, 1.0);
}
