// Closed lanes: a ribbon over them, wide enough to be seen from any height.
layout(location = 0) in vec3 position;
layout(location = 1) in vec2 side;  // towards the kerb
layout(location = 2) in vec4 shape; // m wide, m along; z: 1 on its right side, 0 on its left; w: 1 where no lane is left
layout(location = 4) in uint id;
out vec2 lane_place; // m from its left side, m along
out float aside;     // from its left side, 0, to its right one, 1
out float widened;   // from 0, its lanes alone, to 1
out float pixel_m;   // seen from above
out float haze_share;
flat out vec2 is_shut_selected;

void main() {
    vec3 ray = position - eye.xyz;
    float away_m = length(ray);
    bool is_selected = id == selected.x;
    pixel_m = (view_projection * vec4(position, 1.0)).w / sun.w * windows.z;
    float aslant = dot(side, ray.xy) / away_m; // what lies across the view is foreshortened
    float least_m = (is_selected ? 11.0 : 7.0) * pixel_m / max(sqrt(1.0 - aslant * aslant), 0.25);
    widened = smoothstep(0.7, 1.4, least_m / shape.x);
    aside = shape.z;
    lane_place = vec2(aside * max(least_m, shape.x), shape.y);
    is_shut_selected = vec2(shape.w, is_selected ? 1.0 : 0.0);
    vec3 place = position;
    place.xy += side * lane_place.x;
    haze_share = 0.5 * haze_at(place);
    place -= ray / away_m * (0.3 + 0.001 * away_m); // over the decks of bridges
    gl_Position = view_projection * vec4(place, 1.0);
}
