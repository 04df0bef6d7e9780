layout(location = 0) in vec3 position;
layout(location = 1) in vec4 normal_lack; // w: how much higher its own roof reaches, 12.7 m
layout(location = 2) in vec4 colour;        // w: share of the sky seen at the foot
layout(location = 3) in vec2 wall_in;       // number of the window along the wall; FACADE_OF style and top
layout(location = 4) in uint id;
out vec3 tint;
out vec2 over; // where on the map
out vec2 lit_at; // where the height of shadows is found: outside a wall
out vec4 wall; // windows along, height, height for the shadow, haze
out float foot;
#ifdef SHADOWS
out vec3 place;
flat out vec3 normal_of_face;
#endif
flat out vec3 lamp; // sun on this face, a number of its own, style of its windows
flat out vec3 sky;  // light of the sky, and what the ground throws back
flat out vec4 front; // storeys a metre, their number, half a pane's width and height as parts of its field
flat out vec4 pick; // a colour laid over it and how much of it

void main() {
    vec3 normal = normal_lack.xyz, stands = vec3(position.xy, standing(position.z));
#ifdef SHADOWS
    place = stands;
    normal_of_face = normal;
#endif
    float top = floor(wall_in.y * 0.125), style = wall_in.y - top * 8.0, number = float(id & 1023u);
    gl_Position = view_projection * vec4(stands, 1.0);
    // Walls of few pixels take their roofs' light: those that pixels meet by chance are specks.
    float high = max(position.z, top * 0.1), pixels = standing(high) * sun.w / gl_Position.w * sqrt(max(scenery.w, 1.0));
    float small = clamp(1.4 - 0.4 * pixels, 0.0, 1.0);
    foot = mix(colour.a, 1.0, small);
    wall = vec4(wall_in.x, position.z, mix(position.z, high, small) + max(normal_lack.w, 0.0) * 12.7, haze_at(stands));
    vec3 up = vec3(0.0, 0.0, 1.0);
    // Flat ones are lighter than the ground and have a dark edge.
    float edge = (1.0 - abs(normal.z)) * (1.0 - small);
    tint = mix(colour.rgb, mix(vec3(0.97, 0.965, 0.95) - 0.06 * small, vec3(0.56), edge), 0.8 * scenery.x);
    lamp = vec3(max(mix(dot(normal, sun.xyz), sun.z, small), 0.0), number, style);
    sky = mix(sky_on(normal), sky_on(up), small);
    // No two houses alike: flats have single windows, offices bands or panes from slab to slab, halls lights high up.
    vec2 dice = fract(number * vec2(0.618034, 0.414214));
    float storey = style < 1.5 ? 3.0 : style < 2.5 ? 3.8 : 7.0;
    float room = max(top * 0.1 - 0.7, 1.0), storeys = max(floor(room / storey + 0.3), 1.0);
    front = vec4(storeys / room, storeys, 0.40, 0.12);
    if (style < 1.5)
        front.zw = vec2(0.22 + 0.15 * dice.x, 0.23 + 0.09 * dice.y);
    else if (style < 2.5)
        front.zw = dice.x < 0.4 ? vec2(0.47, 0.27) : dice.x < 0.7 ? vec2(0.46, 0.41) : vec2(0.34, 0.33);
    pick = vec4(accent, id == selected.x ? 0.75 : 0.0);
    over = position.xy;
    lit_at = (position.xy + normal.xy * windows.w - light_map.xy) * light_map.zw;
}
