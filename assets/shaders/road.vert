layout(location = 0) in vec3 position;
layout(location = 1) in uvec4 lanes_in; // motor lanes, their width, cycle lane width (5 cm), bits
layout(location = 2) in vec4 side_grey; // xy: away from the middle of the street, 0.5 is none; z: how light
layout(location = 3) in vec2 across_along;
layout(location = 4) in uint id;
uniform samplerBuffer edge_colours; // overlay colour of each edge; alpha: 64 x how bad or much, 0 to 3, + how much of it, to 60
out vec3 place;
out vec2 lane_place;
out float haze_share;
out float aside; // from the left side, 0, to the right one, 1
flat out vec4 tint; // w: the street is selected
flat out uvec4 lanes;
flat out vec4 data_colour;
flat out float data_level; // hatched from 2 on

void main() {
    place = position;
    bool is_main = side_grey.z < 0.53;
    data_colour = vec4(0.0);
    data_level = 0.0;
    if (selected.y == 1u && id >> 28 == 2u) {
        vec4 texel = texelFetch(edge_colours, int(id & 0x0FFFFFFFu));
        float code = floor(texel.a * 255.0 + 0.5);
        data_level = floor(code / 64.0);
        data_colour = vec4(texel.rgb, (code - data_level * 64.0) / 63.0);
    }
    bool is_selected = id == selected.x && id != 0u;
    aside = across_along.x > 0.0 ? 1.0 : 0.0;
    bool is_thin = (lanes_in.w & 64u) != 0u;
    float grey = side_grey.z;
    if (is_main || is_thin || data_colour.a > 0.0 || is_selected) { // from afar main roads keep a pixel even where they lie flat, data some
        float pixel_m = (view_projection * vec4(position, 1.0)).w / sun.w * windows.z;
        float wanted_m = (data_colour.a > 0.0 ? 2.4 + 1.0 * data_level : 1.3) * pixel_m;
        if (is_thin) // and side streets are paler instead of thinner
            grey = mix(0.74, grey, clamp(9.0 / wanted_m, 0.0, 1.0));
        if (across_along.x > 0.0)
            place.xy += (side_grey.xy * 2.0 - 1.0) * (max(wanted_m - across_along.x, 0.0) + (is_selected ? 4.0 * pixel_m : 0.0));
    }
    lane_place = across_along;
    haze_share = haze_at(place);
    lanes = lanes_in;
    tint = vec4(grey * vec3(1.0, 0.98, 0.95), is_selected ? 1.0 : 0.0);
    if (selected.z == 0u)
        data_level = 0.0;
    if (is_selected && data_colour.a <= 0.0)
        data_colour = vec4(accent, 0.6);
    gl_Position = view_projection * vec4(place, 1.0);
}
