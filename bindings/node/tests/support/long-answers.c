/* A library in the place of libaccelerant whose answers are longer than any string of a JavaScript engine. Their memory is never touched,
 * so that it costs nothing. A request that begins with "s" is answered by the call, any other by `take`. */
#include <accelerant.h>

#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ANSWER_BYTES = (1 << 30) + 1 };
struct accelerant_client { int descriptor; uint64_t token; };
struct accelerant_reply { char *data; };

uint32_t accelerant_version(void) { return ACCELERANT_VERSION; }
const char *accelerant_status_name(int32_t status) { return status == ACCELERANT_TOO_LARGE ? "TOO_LARGE" : "OTHER"; }

static accelerant_reply *answer(void) {
    accelerant_reply *reply = malloc(sizeof *reply);
    reply->data = mmap(NULL, ANSWER_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    reply->data[0] = '[';
    return reply;
}

int32_t accelerant_open(const char *config, size_t size, accelerant_client **client, accelerant_reply **reply) {
    (void)config, (void)size;
    *client = calloc(1, sizeof **client);
    (*client)->descriptor = eventfd(0, EFD_NONBLOCK);
    *reply = NULL;
    return ACCELERANT_OK;
}

void accelerant_close(accelerant_client *client) { close(client->descriptor), free(client); }

int32_t accelerant_query(accelerant_client *client, const char *request, size_t size, accelerant_reply **reply) {
    (void)client, (void)request, (void)size;
    *reply = answer();
    return ACCELERANT_OK;
}

int32_t accelerant_request(accelerant_client *client, const char *request, size_t size, uint64_t token, accelerant_reply **reply) {
    *reply = size > 0 && request[0] == 's' ? answer() : NULL;
    if (!*reply) client->token = token, eventfd_write(client->descriptor, 1);
    return ACCELERANT_OK;
}

int accelerant_descriptor(const accelerant_client *client) { return client->descriptor; }

int32_t accelerant_take(accelerant_client *client, uint64_t *token, accelerant_reply **reply) {
    eventfd_t count;
    *reply = eventfd_read(client->descriptor, &count) == 0 ? answer() : NULL;
    *token = client->token;
    return ACCELERANT_OK;
}

int32_t accelerant_cancel(accelerant_client *client, uint64_t token) { return (void)client, (void)token, ACCELERANT_NOT_FOUND; }
int32_t accelerant_reply_status(const accelerant_reply *reply) { return (void)reply, ACCELERANT_OK; }
const char *accelerant_reply_data(const accelerant_reply *reply, size_t *size) { return *size = ANSWER_BYTES, reply->data; }
const char *accelerant_reply_info(accelerant_reply *reply, size_t *size) { return (void)reply, *size = 2, "{}"; }
const char *accelerant_reply_error(const accelerant_reply *reply, size_t *size) { return (void)reply, *size = 0, NULL; }

void accelerant_reply_free(accelerant_reply *reply) {
    if (!reply) return;
    munmap(reply->data, ANSWER_BYTES);
    free(reply);
}
