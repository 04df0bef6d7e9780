// How much of the open is hidden round each place, from the picture's depths. After McGuire, Osman, Bukowski and
// Hennessy, "The alchemy screen-space ambient obscurance algorithm", High-Performance Graphics 2011.
uniform sampler2D scene_depth;
uniform mat4 from_clip;
uniform float reach_m;
out vec4 result;

const int samples = 12;

// Of a pixel; the ground, which is drawn without depth, lies where its ray meets the plain. w: 1 is sky.
vec4 place_at(vec2 pixel) {
    vec2 size = vec2(textureSize(scene_depth, 0));
    float depth = texelFetch(scene_depth, ivec2(clamp(pixel, vec2(0.0), size - 1.0)), 0).r;
    vec4 p = from_clip * vec4((pixel + 0.5) / size * 2.0 - 1.0, depth * 2.0 - 1.0, 1.0);
    if (depth < 1.0)
        return vec4(p.xyz / p.w, 0.0);
    vec3 ray = p.xyz / p.w - eye.xyz;
    return ray.z < 0.0 ? vec4(eye.xyz + ray * (eye.z / -ray.z), 0.0) : vec4(0.0, 0.0, 0.0, 1.0);
}

// The nearer of two neighbours' ways, so that edges stay sharp.
vec3 nearer(vec3 a, vec3 b) {
    return dot(a, a) < dot(b, b) ? a : b;
}

void main() {
    vec2 pixel = floor(gl_FragCoord.xy);
    vec4 here = place_at(pixel);
    result = vec4(1.0);
    if (here.w > 0.5)
        return;
    vec3 p = here.xyz;
    vec3 right = nearer(place_at(pixel + vec2(1.0, 0.0)).xyz - p, p - place_at(pixel - vec2(1.0, 0.0)).xyz);
    vec3 up = nearer(place_at(pixel + vec2(0.0, 1.0)).xyz - p, p - place_at(pixel - vec2(0.0, 1.0)).xyz);
    vec3 normal = normalize(cross(right, up));
    float away = distance(p, eye.xyz), radius = reach_m * sun.w / away;
    if (radius < 2.0)
        return;
    radius = min(radius, 160.0);
    // Sixteen turns in a square of 4 x 4 pixels: what follows takes their mean.
    float turn = float((int(pixel.x) & 3) * 4 + (int(pixel.y) & 3)) * (6.2831853 / 16.0);
    float sum = 0.0;
    for (int k = 0; k < samples; k++) {
        float share = (float(k) + 0.5) / float(samples), angle = share * 5.0 * 6.2831853 + turn;
        vec4 other = place_at(pixel + floor(vec2(cos(angle), sin(angle)) * (share * radius) + 0.5));
        vec3 way = other.xyz - p;
        float square = dot(way, way), fall = clamp(1.0 - square / (reach_m * reach_m), 0.0, 1.0);
        sum += (1.0 - other.w) * fall * max(dot(way, normal) - 0.004 * away, 0.0) * inversesqrt(square + 0.01);
    }
    float hidden = clamp(sum * (1.9 / float(samples)), 0.0, 0.75) * clamp(radius * 0.25 - 0.5, 0.0, 1.0);
    result = vec4(1.0 - hidden * (1.0 - haze_at(p)) * (1.0 - 0.6 * zenith.w));
}
