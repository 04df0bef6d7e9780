// Letters of names: squares of the atlas, in pixels of the picture.
layout(location = 5) in vec4 where;  // corner, y down; cosine and sine times pixels a texel
layout(location = 6) in vec4 cell;   // of the atlas: x, y, width, height
layout(location = 7) in vec4 colour;
layout(location = 8) in float edge;
uniform vec4 part; // of the picture that is drawn: middle on the screen, and how often it fits
uniform vec4 page; // width and height of the whole picture, texels from outside to inside, side of the atlas
flat out vec4 tint;
flat out float level, sharp; // where the letter begins, and pixels that the whole range of distances takes
out vec2 at;

void main() {
    vec2 texel = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1)) * cell.zw;
    vec2 place = where.xy + vec2(where.z * texel.x - where.w * texel.y, where.w * texel.x + where.z * texel.y);
    at = (cell.xy + texel) / page.w;
    tint = colour;
    level = edge;
    sharp = max(length(where.zw) * page.z, 1.0);
    vec2 screen = vec2(place.x / page.x * 2.0 - 1.0, 1.0 - place.y / page.y * 2.0);
    gl_Position = vec4((screen - part.xy) * part.zw, 0.0, 1.0);
}
