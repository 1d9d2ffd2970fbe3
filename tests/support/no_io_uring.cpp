// Runs a command to which the kernel refuses io_uring, as containers often do:
//
//     no_io_uring COMMAND [ARGUMENTS...]

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

constexpr int failed_to_start = 127;

/// Answers the three calls of io_uring with EPERM and lets every other one through.
bool deny_io_uring() {
    static_assert(SYS_io_uring_enter == SYS_io_uring_setup + 1 &&
                  SYS_io_uring_register == SYS_io_uring_setup + 2);
    std::array<sock_filter, 5> program{{
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, SYS_io_uring_setup, 0, 2),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, SYS_io_uring_register, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    }};
    const sock_fprog filter{program.size(), program.data()};
    // Without the promise not to gain privileges, only root may set a filter.
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: no_io_uring COMMAND [ARGUMENTS...]\n");
        return failed_to_start;
    }
    if (!deny_io_uring()) {
        std::perror("no_io_uring: the kernel takes no seccomp filter");
        return failed_to_start;
    }
    ::execvp(argv[1], argv + 1);
    std::perror(argv[1]);
    return failed_to_start;
}
