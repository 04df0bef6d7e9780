// Streaks of rain around the eye: each falls through a box that repeats itself, so that they stay where they are when
// the camera moves.
flat out float alpha;

const float box_m = 26.0, fall_mps = 9.0;

void main() {
    int streak = gl_VertexID / 2;
    float end = float(gl_VertexID & 1);
    vec3 own = vec3(random(vec2(streak, 1.0), 0.5), random(vec2(streak, 2.0), 1.5), random(vec2(streak, 3.0), 2.5));
    vec3 off = (fract(own - (eye.xyz + vec3(0.0, 0.0, fall_mps * eye.w)) / box_m) - 0.5) * box_m;
    float away_m = length(off);
    alpha = 0.34 * scenery.z * clamp(away_m * 0.25 - 0.6, 0.0, 1.0) * clamp(5.0 - away_m * (10.0 / box_m), 0.0, 1.0);
    alpha *= clamp(1.5 - eye.z * 0.001, 0.0, 1.0); // from high above the haze alone tells of it
    gl_Position = view_projection * vec4(eye.xyz + off + vec3(0.06, 0.03, 0.55) * end, 1.0);
}
