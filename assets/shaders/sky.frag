// From the horizon's haze to the zenith, and the sun's disc in its glow.
uniform vec4 sun_place; // on the screen, -1 to 1; width / height; radius of the disc, 0: not in sight
in float height;
in vec2 at;
out vec4 result;

void main() {
    float t = clamp(height, 0.0, 1.0);
    vec3 colour = mix(haze.rgb, zenith.rgb, t * (1.6 - 0.6 * t));
    if (sun_place.w > 0.0) {
        float away = length((at - sun_place.xy) * vec2(sun_place.z, 1.0)) / sun_place.w;
        vec3 glow = sun_colour.rgb / max(max(sun_colour.r, sun_colour.g), 0.01);
        colour = mix(colour, glow, clamp(4.0 / (4.0 + away * away) - 0.02, 0.0, 1.0) * 0.6);
        colour = mix(colour, mix(glow, vec3(1.0), 0.6), clamp((1.0 - away) * 8.0, 0.0, 1.0));
    }
    result = vec4(colour, 1.0);
}
