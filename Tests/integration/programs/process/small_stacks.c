/* Every call on threads with little stack, on a coroutine's and on a signal handler's: a right answer or a status, never a crash. Silent when
 * all is well.
 *
 *     small_stacks CONFIGURATION REQUESTS        a file with a request a line; those that begin with '!' are writes: run, and not compared */
#define _GNU_SOURCE
#include <accelerant.h>

#include <alloca.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <ucontext.h>
#include <unistd.h>

enum { MOST = 200, KIB = 1024 };

static const char *configuration;
static accelerant_client *client;
static char *requests[MOST], *expected[MOST];
static int32_t statuses[MOST];
static int count, is_bounded;

/* Why no printf: it takes more stack than is there. */
static void fail(const char *what, int number) {
    static char text[64];
    int i = sizeof text - 1;
    text[i--] = '\n';
    do text[i--] = (char)('0' + number % 10);
    while ((number /= 10) && i > 0);
    if (write(2, what, strlen(what)) < 0 || write(2, text + i + 1, sizeof text - 1 - (size_t)i) < 0) _exit(4);
    _exit(3);
}

static const char *text_of(accelerant_reply *reply) {
    const char *data = accelerant_reply_data(reply, NULL);
    return data ? data : accelerant_reply_error(reply, NULL);
}

/* Asks everything, and compares. */
static void ask_all(void) {
    int i;
    for (i = 0; i < count; i++) {
        int is_write = requests[i][0] == '!';
        const char *request = requests[i] + is_write;
        accelerant_reply *reply;
        int32_t status = accelerant_query(client, request, strlen(request), &reply);
        if (status == ACCELERANT_OVERLOADED && is_bounded && text_of(reply)) {
            accelerant_reply_free(reply);
            continue;
        }
        if (status != statuses[i]) fail("another status: ", i);
        if (!is_write && strcmp(text_of(reply), expected[i]) != 0) fail("another answer: ", i);
        accelerant_reply_info(reply, NULL);
        accelerant_reply_cache_status(reply);
        accelerant_reply_free(reply);
    }
}

/* The other functions. */
static void call_all(void) {
    const char *request = requests[0];
    accelerant_client *own;
    accelerant_reply *reply;
    uint64_t token;
    int i;
    for (i = 0; i < 3; i++) {
        if (accelerant_submit(client, request, strlen(request), 7) != ACCELERANT_OK) fail("submit: ", i);
        if (accelerant_request(client, requests[1], strlen(requests[1]), 8, &reply) != ACCELERANT_OK) fail("request: ", i);
        accelerant_reply_free(reply);
        accelerant_cancel(client, 7);
    }
    accelerant_request(client, "{", 1, 8, &reply);
    if (!accelerant_reply_error(reply, NULL)) fail("half a request: ", 0);
    accelerant_reply_free(reply);
    for (i = 0; accelerant_take(client, &token, &reply) == ACCELERANT_OK && reply; i++) accelerant_reply_free(reply);
    accelerant_descriptor(client);
    if (accelerant_open("{", 1, &own, &reply) != ACCELERANT_INVALID_CONFIGURATION) fail("open half: ", 0);
    accelerant_reply_free(reply);
    if (accelerant_open(configuration, strlen(configuration), &own, &reply) != ACCELERANT_OK) fail("open: ", 0);
    accelerant_query(own, request, strlen(request), &reply);
    accelerant_reply_free(reply);
    accelerant_close(own);
}

static void *run_all(void *argument) {
    (void)argument;
    ask_all();
    call_all();
    return NULL;
}

/* With all but so much of the thread's stack used. */
static size_t left;

__attribute__((noinline)) static void *run_with_little(void *argument) {
    pthread_attr_t attributes;
    void *low;
    size_t size;
    volatile char *used;
    char here;
    pthread_getattr_np(pthread_self(), &attributes);
    pthread_attr_getstack(&attributes, &low, &size);
    pthread_attr_destroy(&attributes);
    used = alloca((size_t)(&here - (char *)low) - left);
    *used = 1;
    ask_all();
    return argument;
}

static void on_thread(size_t stack, void *(*body)(void *)) {
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    if (pthread_attr_setstacksize(&attributes, stack) != 0) fail("no such stack: ", (int)stack);
    if (pthread_create(&thread, &attributes, body, NULL) != 0) fail("no thread: ", (int)stack);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
}

static ucontext_t outside, inside;

static void coroutine(void) {
    ask_all();
    call_all();
}

static void on_coroutine(size_t stack) {
    char *memory = malloc(stack);
    getcontext(&inside);
    inside.uc_stack.ss_sp = memory;
    inside.uc_stack.ss_size = stack;
    inside.uc_link = &outside;
    makecontext(&inside, coroutine, 0);
    swapcontext(&outside, &inside);
    free(memory);
}

/* No header allows this, but a handler that a program calls itself, by raise(), is like a function on another stack. */
static void handle(int number) {
    (void)number;
    ask_all();
}

static void on_signal_stack(void) {
    static char memory[32 * KIB];
    stack_t stack = {.ss_sp = memory, .ss_size = sizeof memory};
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_ONSTACK};
    sigaltstack(&stack, NULL);
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
}

int main(int argument_count, char **arguments) {
    static char line[1 << 16];
    static const size_t sizes[] = {16, 20, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 1024};
    struct rlimit limit;
    accelerant_reply *reply;
    size_t i;
    FILE *file = argument_count == 3 ? fopen(arguments[2], "r") : NULL;
    if (!file) return 2;
    configuration = arguments[1];
    if (accelerant_open(configuration, strlen(configuration), &client, &reply) != ACCELERANT_OK) {
        fprintf(stderr, "%s\n", text_of(reply));
        return 2;
    }
    while (count < MOST && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        requests[count++] = strdup(line);
    }
    for (i = 0; i < (size_t)count; i++) {
        int is_write = requests[i][0] == '!';
        statuses[i] = accelerant_query(client, requests[i] + is_write, strlen(requests[i] + is_write), &reply);
        expected[i] = strdup(text_of(reply));
        accelerant_reply_free(reply);
    }
    for (i = 0; i < sizeof sizes / sizeof *sizes; i++) on_thread(sizes[i] * KIB, run_all);
    /* The library says what it needs; below that nobody promises anything. */
    is_bounded = 1;
    for (left = 8 * KIB; left < 300 * KIB; left += left < 40 * KIB ? 500 : 20000) on_thread(512 * KIB, run_with_little);
    is_bounded = 0;
    for (i = 0; i < 6; i++) on_coroutine(sizes[i] * KIB);
    on_signal_stack();
    /* The first thread's stack grows, and can be given less than it has. */
    getrlimit(RLIMIT_STACK, &limit);
    limit.rlim_cur = 128 * KIB;
    setrlimit(RLIMIT_STACK, &limit);
    run_all(NULL);
    accelerant_close(client);
    return 0;
}
