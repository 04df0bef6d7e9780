// The overlay's raster: the part of the legend's way and whether there is a value. Lines where it passes a stop are
// read without colours.
uniform sampler2D raster, city_ground;
in vec2 at, over;
out vec4 result;

void main() {
    vec2 cloth = texture(raster, over).rg;
    float level = cloth.r * float(selected.w);
    float slope = fwidth(level), away = abs(fract(level + 0.5) - 0.5);
    bool is_inner = level > 0.5 && level < float(selected.w) - 0.5;
    float line = is_inner && slope > 0.0005 ? clamp(0.5 + 0.6 * windows.z - away / slope, 0.0, 1.0) : 0.0;
    result = vec4(mix(legend_at(cloth.r), vec3(0.1, 0.1, 0.12), line * 0.75),
                  cloth.g * (0.745 + 0.15 * line) * texture(city_ground, at).r);
}
