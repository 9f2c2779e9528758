// ordo: starting a program: streams, environment, working directory, signals.
// SPDX-License-Identifier: BSL-1.0
#include "spawn_child.hpp"

#include "throw_system_error.hpp"

#include <ordo/exceptions.hpp>

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <optional>
#include <spawn.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace ordo::detail {
namespace {

constexpr char const* stream_names[] = {"stdin", "stdout", "stderr"};

/// A number above those of the standard streams, onto which the child duplicates in turn.
unique_descriptor above_streams(unique_descriptor descriptor, std::string const& start) {
    if (descriptor.get() > STDERR_FILENO) return descriptor;
    unique_descriptor moved(::fcntl(descriptor.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    if (!moved) throw_system_error(errno, start);
    return moved;
}

void check_text(std::string_view text, std::string_view what, std::string const& start) {
    if (text.find('\0') != std::string_view::npos)
        throw value_error(start + ": " + std::string(what) + " has a zero byte in it, where C ends a text");
}

// -- what posix_spawn() is given

class file_actions {
public:
    file_actions() { check(::posix_spawn_file_actions_init(&actions_)); }
    file_actions(file_actions const&) = delete;
    file_actions& operator=(file_actions const&) = delete;
    ~file_actions() { ::posix_spawn_file_actions_destroy(&actions_); }

    void change_directory(int descriptor) { check(::posix_spawn_file_actions_addfchdir_np(&actions_, descriptor)); }
    void duplicate(int from, int to) { check(::posix_spawn_file_actions_adddup2(&actions_, from, to)); }
    void open_devnull(int as) { check(::posix_spawn_file_actions_addopen(&actions_, as, "/dev/null", O_RDWR, 0)); }
    void close_from(int first) { check(::posix_spawn_file_actions_addclosefrom_np(&actions_, first)); }

    posix_spawn_file_actions_t const* get() const noexcept { return &actions_; }

private:
    static void check(int error) {
        if (error != 0) throw_system_error(error, "subprocess");
    }
    posix_spawn_file_actions_t actions_;
};

class attributes {
public:
    explicit attributes(subprocess_options const& options) {
        ::posix_spawnattr_init(&attributes_);
        sigset_t none, reset;
        ::sigemptyset(&none);
        ::sigemptyset(&reset);
        ::sigaddset(&reset, SIGPIPE);
        ::sigaddset(&reset, SIGXFSZ);
        ::posix_spawnattr_setsigmask(&attributes_, &none);
        ::posix_spawnattr_setsigdefault(&attributes_, &reset);
        int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
        if (options.start_new_session) flags |= POSIX_SPAWN_SETSID;
        if (options.process_group) {
            flags |= POSIX_SPAWN_SETPGROUP;
            ::posix_spawnattr_setpgroup(&attributes_, *options.process_group);
        }
        ::posix_spawnattr_setflags(&attributes_, static_cast<short>(flags));
    }
    attributes(attributes const&) = delete;
    attributes& operator=(attributes const&) = delete;
    ~attributes() { ::posix_spawnattr_destroy(&attributes_); }

    posix_spawnattr_t const* get() const noexcept { return &attributes_; }

private:
    posix_spawnattr_t attributes_;
};

/// Texts, and the null-terminated array of pointers to them.
class text_array {
public:
    explicit text_array(std::vector<std::string> texts) : texts_(std::move(texts)) {
        pointers_.reserve(texts_.size() + 1);
        for (auto& text : texts_) pointers_.push_back(text.data());
        pointers_.push_back(nullptr);
    }
    text_array(text_array const&) = delete;
    text_array& operator=(text_array const&) = delete;

    char* const* get() const noexcept { return pointers_.data(); }
    std::vector<std::string> const& texts() const noexcept { return texts_; }

private:
    std::vector<std::string> texts_;
    std::vector<char*> pointers_;
};

std::vector<std::string> environment_of(subprocess_options const& options, std::string const& start) {
    std::map<std::string, std::string> variables;
    if (options.environment) {
        variables = *options.environment;
    } else {
        for (char** at = environ; at && *at; ++at) {
            std::string_view const text(*at);
            auto const equals = text.find('=');
            if (equals != std::string_view::npos) variables.emplace(text.substr(0, equals), text.substr(equals + 1));
        }
    }
    for (auto const& [name, value] : options.add_environment) variables[name] = value;
    std::vector<std::string> texts;
    texts.reserve(variables.size());
    for (auto const& [name, value] : variables) {
        if (name.empty() || name.find('=') != std::string::npos)
            throw value_error(start + ": '" + name + "' cannot be the name of an environment variable");
        texts.push_back(name + '=' + value);
        check_text(texts.back(), "the environment variable " + name, start);
    }
    return texts;
}

// -- where things are

unique_descriptor open_directory(std::string const& path, std::string const& start) {
    check_text(path, "the working directory", start);
    unique_descriptor directory(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!directory || ::faccessat(directory.get(), ".", X_OK, AT_EACCESS) != 0)
        throw_system_error(errno, start + " in the working directory '" + path + "'");
    return directory;
}

bool is_program(int directory, char const* path, int& error) noexcept {
    struct stat file{};
    if (::fstatat(directory, path, &file, 0) != 0) return false;
    if (S_ISREG(file.st_mode) && ::faccessat(directory, path, X_OK, AT_EACCESS) == 0) return true;
    error = EACCES;
    return false;
}

/// Looks through the PATH of the child, as its own shell would.
std::string find_program(std::string const& name, std::vector<std::string> const& environment, int directory,
                         std::string const& start) {
    if (name.find('/') != std::string::npos) return name;
    std::string_view folders = "/bin:/usr/bin";
    for (std::string_view const variable : environment)
        if (variable.starts_with("PATH=")) folders = variable.substr(5);
    int error = ENOENT;
    for (;;) {
        auto const colon = folders.find(':');
        std::string path(folders.substr(0, colon));
        if (path.empty()) path = ".";
        path += '/' + name;
        if (is_program(directory, path.c_str(), error)) return path;
        if (colon == std::string_view::npos) throw_system_error(error, start);
        folders.remove_prefix(colon + 1);
    }
}

} // namespace

// -- streams

child_streams::child_streams(subprocess_options const& options, std::string const& start) {
    prepare(options.std_in, STDIN_FILENO, start);
    prepare(options.std_out, STDOUT_FILENO, start);
    prepare(options.std_err, STDERR_FILENO, start);
}

void child_streams::prepare(stdio which, int stream, std::string const& start) {
    using kind = stdio_access::kind;
    auto const kind_of = stdio_access::kind_of(which);
    if (kind_of == kind::std_out && stream != STDERR_FILENO)
        throw value_error(start + ": only stderr can be stdio::std_out, and " + stream_names[stream] + " is");
    if (kind_of == kind::descriptor) {
        int const descriptor = stdio_access::descriptor_of(which);
        theirs_[stream] = unique_descriptor(::fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
        if (!theirs_[stream])
            throw_system_error(errno, start + " with descriptor " + std::to_string(descriptor) + " as " +
                                          stream_names[stream]);
    }
    if (kind_of != kind::pipe) return;
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw_system_error(errno, start + ": no pipe for its " + stream_names[stream]);
    unique_descriptor reading(ends[0]), writing(ends[1]);
    bool const we_write = stream == STDIN_FILENO;
    ours_[stream] = std::move(we_write ? writing : reading);
    theirs_[stream] = above_streams(std::move(we_write ? reading : writing), start);
}

namespace {

void add_streams(file_actions& actions, subprocess_options const& options, child_streams const& streams) {
    using kind = stdio_access::kind;
    stdio const wanted[] = {options.std_in, options.std_out, options.std_err};
    for (int stream = 0; stream < 3; ++stream) {
        auto const kind_of = stdio_access::kind_of(wanted[stream]);
        if (streams.theirs(stream) >= 0) actions.duplicate(streams.theirs(stream), stream);
        else if (kind_of == kind::devnull) actions.open_devnull(stream);
        else if (kind_of == kind::std_out) actions.duplicate(STDOUT_FILENO, STDERR_FILENO);
    }
}

} // namespace

pid_t spawn_child(std::string const& program, std::vector<std::string> const& args, subprocess_options const& options,
                  child_streams const& streams, std::string const& start) {
    if (program.empty()) throw value_error(start + ": the program has no name");
    std::vector<std::string> all_args{program};
    all_args.insert(all_args.end(), args.begin(), args.end());
    for (auto const& arg : all_args) check_text(arg, "an argument", start);
    text_array const arguments(std::move(all_args));
    text_array const environment(environment_of(options, start));

    file_actions actions;
    unique_descriptor directory;
    if (!options.working_directory.empty()) {
        directory = open_directory(options.working_directory, start);
        actions.change_directory(directory.get());
    }
    add_streams(actions, options, streams);
    if (options.close_fds) actions.close_from(STDERR_FILENO + 1);

    int const relative_to = directory ? directory.get() : AT_FDCWD;
    auto const path = find_program(program, environment.texts(), relative_to, start);
    pid_t number = -1;
    int const error = ::posix_spawn(&number, path.c_str(), actions.get(), attributes(options).get(), arguments.get(),
                                    environment.get());
    if (error == ENOENT && ::faccessat(relative_to, path.c_str(), F_OK, 0) == 0)
        throw_system_error(error, start + ": what it names as its interpreter");
    if (error != 0) throw_system_error(error, start);
    return number;
}

} // namespace ordo::detail
