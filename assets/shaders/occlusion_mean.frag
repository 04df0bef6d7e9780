// Takes the mean of the sixteen turns, of pixels that lie as far away, and lays it over the picture.
uniform sampler2D scene_depth, occlusion;
out vec4 result;

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy), last = textureSize(occlusion, 0) - 1;
    float here = 1.0 / (1.0000001 - texelFetch(scene_depth, clamp(pixel, ivec2(0), last), 0).r);
    float sum = 0.0, weight = 0.0;
    for (int k = 0; k < 16; k++) {
        ivec2 at = clamp(pixel + ivec2(k & 3, k >> 2) - 2, ivec2(0), last);
        float there = 1.0 / (1.0000001 - texelFetch(scene_depth, at, 0).r);
        float alike = abs(there - here) < 0.04 * here ? 1.0 : 0.001;
        sum += alike * texelFetch(occlusion, at, 0).r;
        weight += alike;
    }
    result = vec4(vec3(sum / weight), 1.0);
}
