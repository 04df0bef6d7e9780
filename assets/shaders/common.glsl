// Shared by every shader: put before each source. Positions are metres from the mesh's origin, z up.
layout(std140) uniform Scene {
    mat4 view_projection;
    vec4 eye;        // xyz; w: the screen's clock in s
    vec4 sun;        // xyz: towards it; w: pixels a metre takes at one metre from the eye
    vec4 sun_colour; // w: strength of vehicle and signal lamps
    vec4 sky_colour; // light from the open sky; w: night, 0 to 1
    vec4 haze;       // rgb of the horizon; w: 1 / m at which haze begins to count
    vec4 zenith;     // rgb of the sky overhead; w: desaturation, 0 to 1
    vec4 light_map;  // its south-west corner, 1 / width, 1 / height
    vec4 windows;    // x: share of lit windows; y: glow of street lamps; z: pixels drawn for one that is shown; w: m from a wall to where its light is known
    vec4 raster_map; // of the overlay's raster: south-west corner, 1 / width, 1 / height; zero: none
    uvec4 selected;  // x: id drawn in the accent colour; y: an overlay colours streets; z: and hatches what is bad; w: steps of the legend
    mat4 shadow_matrices[3]; // from a place to 0..1 in each shadow map, the finest first
    vec4 shadow_cells;       // xyz: m a cell of each takes; w: how many there are
    vec4 legend[6];  // colours of the overlay's stops
    vec4 scenery;    // x: how far buildings are drawn flat under an overlay, 0 to 1; y: extinction by fog and rain, 1 / m; z: how wet streets are, 0 to 1; w: samples of a pixel, 0: one
};

const vec3 accent = vec3(1.0, 0.62, 0.05);

// By the square of the distance, in m2. A quotient, because exponentials take long on a processor.
float haze_of(float square) {
    float d = square * haze.w * haze.w;
    d += 0.35 * d * d;
    float share = d / (1.0 + d);
    return scenery.y > 0.0 ? 1.0 - (1.0 - share) * exp(-scenery.y * sqrt(square)) : share;
}

float haze_at(vec3 position) {
    vec3 ray = position - eye.xyz;
    return haze_of(dot(ray, ray));
}

// The height at which a building's point is drawn: flat ones hide no streets.
float standing(float z) {
    return mix(z, max(0.25 * z, min(z, 2.0)), scenery.x);
}

// Light of the open sky on a face, brighter on the sun's side, and the warm light that the ground throws back.
vec3 sky_on(vec3 normal) {
    float towards = dot(normal.xy, sun.xy) * inversesqrt(dot(sun.xy, sun.xy) + 0.04);
    vec3 ground = sun_colour.rgb * (sun.z * 0.40) * vec3(1.0, 0.95, 0.87);
    return sky_colour.rgb * (0.76 + 0.24 * normal.z + 0.13 * towards) + ground * (0.5 - 0.5 * normal.z);
}

#ifdef SHADOWS
uniform sampler2DArrayShadow shadow_maps;
#endif

// Share of the sun that reaches a place on a face: by the finest shadow map that holds it, else what was baked, which
// is of buildings as high as they are.
float sun_on(vec3 place, vec3 normal, float baked) {
    baked = mix(baked, 1.0, scenery.x);
#ifdef SHADOWS
    for (int i = 0; i < int(shadow_cells.w); i++) {
        vec3 at = (shadow_matrices[i] * vec4(place + normal * (1.6 * shadow_cells[i]), 1.0)).xyz;
        vec2 edge = min(at.xy, 1.0 - at.xy);
        float inside = min(edge.x, edge.y);
        if (inside <= 0.0 || at.z >= 1.0)
            continue;
        vec2 cell = 1.15 / vec2(textureSize(shadow_maps, 0).xy);
        float sum = 0.0;
        for (int k = 0; k < 9; k++)
            sum += texture(shadow_maps, vec4(at.xy + cell * vec2(float(k % 3 - 1), float(k / 3 - 1)), float(i), at.z));
        return i + 1 < int(shadow_cells.w) ? sum / 9.0 : mix(baked, sum / 9.0, clamp(inside * 20.0, 0.0, 1.0));
    }
#endif
    return baked;
}

// White keeps its shades in full sun: what is brighter than a light card is drawn together.
vec3 soften(vec3 colour) {
    vec3 over = max(colour - 0.72, 0.0);
    return colour - over + over / (1.0 + 2.2 * over);
}

vec3 grey_out(vec3 colour) {
    float grey = dot(colour, vec3(0.3, 0.59, 0.11));
    return mix(colour, vec3(grey) * vec3(0.98, 0.99, 1.0), zenith.w);
}

float random(vec2 cell, float seed) {
    vec3 p = fract(vec3(cell, seed) * vec3(0.1031, 0.1030, 0.0973));
    p += dot(p, p.yzx + 33.33);
    return fract((p.x + p.y) * p.z);
}

// The legend's colour at a part of its way, 0 to 1.
vec3 legend_at(float part) {
    float at = clamp(part, 0.0, 1.0) * float(selected.w);
    int below = min(int(at), int(selected.w) - 1);
    return mix(legend[below].rgb, legend[below + 1].rgb, at - float(below));
}

#ifdef FADE
uniform vec4 fade; // comes from x m on, within 1 / y m; goes from z m on, within 1 / w m; x below -1: of buildings the share -1 - x has gone

// Whether a pixel at this distance belongs to another form of the thing: an 8 x 8 pattern by the share that is there, so
// that two forms that give way to each other fill each pixel once. Where a pixel has samples they fill each of these
// once, and the pattern is that of the one sample that the share does not fill or leave wholly.
bool is_faded(vec2 pixel, float away_m) {
    uvec2 p = uvec2(pixel);
    uint x = p.x ^ p.y, y = p.y;
    uint place = (x & 1u) << 5u | (y & 1u) << 4u | (x & 2u) << 2u | (y & 2u) << 1u | (x & 4u) >> 1u | (y & 4u) >> 2u;
    float dice = (float(place) + 0.5) / 64.0;
    float come = clamp((away_m - fade.x) * fade.y, 0.0, 1.0), gone = clamp((away_m - fade.z) * fade.w, 0.0, 1.0);
#ifdef SAMPLES
    gl_SampleMask[0] = ~0;
    if (scenery.w > 0.0) {
        int first = int(ceil(gone * scenery.w - dice)), end = int(ceil(come * scenery.w - dice));
        gl_SampleMask[0] = ((1 << end) - 1) & ~((1 << first) - 1);
        return first >= end;
    }
#endif
    return dice >= come || dice < gone;
}
#endif

// What the overlay's raster says at a place, and how much of it is laid over things; nothing without one.
vec4 cloth_at(sampler2D raster, vec2 place) {
    if (raster_map.z <= 0.0)
        return vec4(0.0);
    vec2 cloth = textureLod(raster, (place - raster_map.xy) * raster_map.zw, 0.0).rg;
    return vec4(legend_at(cloth.r), cloth.g * 0.56);
}
