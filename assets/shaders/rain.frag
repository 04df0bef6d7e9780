flat in float alpha;
out vec4 result;

void main() {
    result = vec4(haze.rgb + 0.14, alpha);
}
