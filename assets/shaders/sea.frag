uniform sampler2D coast; // m to it, above 0 at sea
uniform vec4 shown;      // share that is seen; m at which the sea has faded out
in vec2 at;
in vec3 place;
out vec4 result;

void main() {
    float away = texture(coast, at).r;
    float pixel = max(fwidth(away), 1.0);
    float sea = clamp(away / pixel + 0.5, 0.0, 1.0);
    float line = clamp(1.1 * windows.z + 0.5 - abs(away) / pixel, 0.0, 1.0);
    // As on engraved maps: open sea is left as the board, and lines follow the coast.
    float depth = clamp(1.0 - away / shown.y, 0.0, 1.0);
    float echo = abs(fract(away / 36000.0 + 0.5) - 0.5) * 36000.0 / pixel;
    echo = clamp(0.5 * windows.z + 0.4 - echo, 0.0, 1.0) * step(18000.0, away) * step(pixel * 12.0, 36000.0);
    vec3 water = mix(vec3(0.55, 0.66, 0.71), vec3(0.055, 0.10, 0.16), sky_colour.w);
    vec3 ink = mix(vec3(0.25, 0.36, 0.43), vec3(0.33, 0.47, 0.60), sky_colour.w);
    float cover = sea * depth * depth * 0.85;
    vec3 colour = mix(water, ink, max(line, 0.35 * echo * depth));
    float alpha = max(max(cover, line * 0.8), 0.35 * echo * depth * sea);
    vec3 ray = place - eye.xyz;
    result = vec4(mix(grey_out(colour), haze.rgb, haze_of(dot(ray, ray))), alpha * shown.x);
}
