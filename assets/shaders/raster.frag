uniform sampler2D raster, city_ground;
in vec2 at, over;
out vec4 result;

void main() {
    result = texture(raster, over);
    result.a *= texture(city_ground, at).r;
}
