// Bars and lamps of signals, coloured by the state of their connection: 'G' 'g' 'y' 'r', 0 unknown; 1 is the post.
layout(location = 0) in vec3 position;
layout(location = 4) in uint connection;
uniform usamplerBuffer signal_states;
flat out vec4 tint;
#ifdef FADE
flat out float away;
#endif

void main() {
    uint state = connection == 0xFFFFFFFFu ? 1u : texelFetch(signal_states, int(connection)).r;
    tint = state == 71u   ? vec4(0.10, 0.85, 0.50, 0.95)
           : state == 103u ? vec4(0.10, 0.75, 0.50, 0.75)
           : state == 121u ? vec4(1.00, 0.76, 0.10, 0.95)
                      : state == 114u ? vec4(0.92, 0.22, 0.16, 0.90)
           : state == 1u   ? vec4(sky_colour.rgb * 0.38, 1.0) // posts and arms
                           : vec4(0.0);
#ifdef FADE
    away = distance(position, eye.xyz);
#endif
    gl_Position = view_projection * vec4(position, 1.0);
}
