/* Loads and unloads the library again and again, and uses it a little each time. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
    int left;
    if (argc != 3) return 2;
    for (left = atoi(argv[2]); left > 0; left--) {
        void *handle = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
        uint32_t (*version)(void);
        int32_t (*query)(void *, const char *, size_t, void **);
        void *address, *reply;
        if (handle == NULL) return 3;
        address = dlsym(handle, "accelerant_version");
        memcpy(&version, &address, sizeof address);
        address = dlsym(handle, "accelerant_query");
        memcpy(&query, &address, sizeof address);
        if (version() == 0 || query(NULL, "{}", 2, &reply) == 0) return 4;
        dlclose(handle);
    }
    return 0;
}
