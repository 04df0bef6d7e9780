uniform sampler2D raster;
in vec2 at;
out vec4 result;

void main() {
    result = texture(raster, at);
}
