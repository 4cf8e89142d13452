/* What can be wrong with a world, one thing each: X(name, the promise it breaks, how). */
#ifndef BATON_JUDGE_FAULTS_H
#define BATON_JUDGE_FAULTS_H

#define INFO_FAULTS(X)                                                                            \
    X(minor_3, "version and size are those of BootInfo 1.2", world->info->version_minor = 3)      \
    X(larger_struct, "version and size are those of BootInfo 1.2", world->info->size += 8)        \
    X(unknown_flag, "no unknown flag is set", world->info->flags |= 1U << 31)                     \
    X(short_stride, "arrays carry their strides, and address 0 where they are empty",             \
      world->info->modules.entry_size = 0)                                                        \
    X(address_of_nothing, "arrays carry their strides, and address 0 where they are empty",       \
      world->info->modules.address = world->info->info.address)                                   \
    X(text_outside, "all that BootInfo points at lies in the info block",                         \
      world->info->log = (struct BootInfoSpan){(uintptr_t) "x", 1})                               \
    X(text_over_the_end, "all that BootInfo points at lies in the info block",                    \
      world->info->log.size = 3 * PAGE_SIZE)                                                      \
    X(overlap, "nothing overlaps in the info block, arrays are aligned",                          \
      world->info->log.address = world->info->loader_name.address + 4)                            \
    X(unaligned_array, "nothing overlaps in the info block, arrays are aligned",                  \
      world->info->timeline.address += 4)                                                         \
    X(reserved_of_region, "reserved fields are zero", world->regions[3].reserved = 1)             \
    X(reserved_of_1_2, "reserved fields are zero", world->info->reserved_1_2 = 1)                 \
    X(no_stride_of_cpus, "arrays carry their strides, and address 0 where they are empty",        \
      world->info->cpus.entry_size = 0)                                                           \
    X(device_tree_outside, "all that BootInfo points at lies in the info block",                  \
      world->info->device_tree = (struct BootInfoSpan){8, 8})                                     \
    X(log_of_the_tpm_over_a_text, "nothing overlaps in the info block, arrays are aligned",       \
      world->info->tpm_event_log = (struct BootInfoSpan){world->info->log.address, 8})            \
    X(cpus_over_the_timeline, "nothing overlaps in the info block, arrays are aligned",           \
      world->info->cpus.address = world->info->timeline.address)                                  \
    X(secure_4, "no field has a value unknown to BootInfo 1.2", world->info->secure_boot = 4)     \
    X(tpm_1, "no field has a value unknown to BootInfo 1.2", world->info->tpm_log_format = 1)     \
    X(machine_3, "no field has a value unknown to BootInfo 1.2", world->info->machine = 3)        \
    X(psci_3, "no field has a value unknown to BootInfo 1.2", world->info->psci = 3)              \
    X(dice, "no field has a value unknown to BootInfo 1.2", world->info->random_sources = 16)     \
    X(partition_3, "no field has a value unknown to BootInfo 1.2",                                \
      world->info->partition_kind = 3)                                                            \
    X(reserved_of_screen, "reserved fields are zero", world->screen->reserved[1] = 1)             \
    X(leftover, "the rest of the info block is zero",                                             \
      ((uint8_t *)world->info)[3 * PAGE_SIZE - 1] = 1)                                            \
    X(leftover_between, "the rest of the info block is zero",                                     \
      ((uint8_t *)world->info)[BOOTINFO_SIZE_1_2] = 1)                                            \
    X(no_nul, "texts are UTF-8 with a NUL behind them", world->info->loader_name.size--)          \
    X(nul_inside, "texts are UTF-8 with a NUL behind them", text_of(world->info->log)[1] = '\0')  \
    X(broken_utf_8, "texts are UTF-8 with a NUL behind them",                                     \
      memcpy(text_of(world->info->log), "\xE2\x82 ", 3))                                          \
    X(overlong_utf_8, "texts are UTF-8 with a NUL behind them",                                   \
      memcpy(text_of(world->info->log), "\xC0\x80", 2))                                           \
    X(no_loader_name, "texts are UTF-8 with a NUL behind them",                                   \
      memset(text_of(world->info->loader_name), 0, world->info->loader_name.size);                \
      world->info->loader_name.size = 0)                                                          \
    X(single_blank, "the command line is loader.cfg's",                                           \
      text_of(world->info->command_line)[8] = 't')                                                \
    X(command_line_cut, "the command line is loader.cfg's",                                       \
      text_of(world->info->command_line)[--world->info->command_line.size] = '\0')                \
    X(virtual_kernel, "the kernel runs at its physical address, without a direct map",            \
      world->info->kernel_virtual = UINT64_C(0xFFFFFFFF80000000))                                 \
    X(unasked_direct_map, "the kernel runs at its physical address, without a direct map",        \
      world->info->direct_map = UINT64_C(0xFFFF800000000000))                                     \
    X(kernel_elsewhere, "the kernel is one KERNEL region",                                        \
      world->info->kernel_virtual = world->info->kernel.address += PAGE_SIZE)                     \
    X(kernel_beyond_its_region, "the kernel is one KERNEL region",                                \
      world->info->kernel.size = 0x2001)                                                          \
    X(rip_behind_the_kernel, "the entry lies in the kernel",                                      \
      world->machine.rip = WORLD_KERNEL + 0x1234)                                                 \
    X(guard_page_not_in_region, "the stack is one STACK region, its guard page included",         \
      shrink_from_below(world_region(world, WORLD_STACK)))                                        \
    X(small_stack, "the stack has the size asked for, in whole pages",                            \
      world->info->stack.size = 0xF000)                                                           \
    X(odd_stack, "the stack has the size asked for, in whole pages",                              \
      world->info->stack.size = 0x10800)                                                          \
    X(info_too_large, "the info block is one INFO region", world->info->info.size += PAGE_SIZE)   \
    X(module_in_usable_memory, "modules are page-aligned, each in a MODULE region",               \
      add_module(world, 0x200000))                                                                \
    X(unaligned_module, "modules are page-aligned, each in a MODULE region",                      \
      world_region(world, WORLD_SERVICES)->type = BOOTINFO_MEMORY_MODULE;                         \
      add_module(world, WORLD_SERVICES + 16))                                                     \
    X(narrow_lines, "framebuffers are large enough for their lines", world->screen->pitch = 4095) \
    X(small_screen, "framebuffers are large enough for their lines", world->screen->size--)       \
    X(colorless, "framebuffers are large enough for their lines",                                 \
      world->screen->red_size = world->screen->green_size = world->screen->blue_size = 0)         \
    X(linear_nothing, "BOOTINFO_FLAG_FRAMEBUFFER_LINEAR only with a framebuffer",                 \
      memset(world->screen, 0, sizeof(*world->screen));                                           \
      world->info->framebuffers.count = 0; world->info->framebuffers.address = 0)                 \
    X(clock_runs_back, "the timeline's stages are known, its clock runs forward",                 \
      world->timeline[3].tsc = 1)                                                                 \
    X(clock_of_tomorrow, "the timeline's stages are known, its clock runs forward",               \
      world->timeline[6].tsc = UINT64_MAX)                                                        \
    X(unknown_stage, "the timeline's stages are known, its clock runs forward",                   \
      world->timeline[3].stage = BOOTINFO_STAGE_MODULES + 1)                                      \
    X(no_exit_stage, "the timeline runs from START to EXIT",                                      \
      world->timeline[6].stage = BOOTINFO_STAGE_INFO)                                             \
    X(no_start_stage, "the timeline runs from START to EXIT",                                     \
      world->timeline[0].stage = BOOTINFO_STAGE_CONFIG)                                           \
    X(boot_in_1970, "the boot time is plausible", world->info->boot_time = 0)                     \
    X(clock_in_khz, "the TSC's frequency is plausible", world->info->tsc_frequency = 2000)        \
    X(clock_an_hour_off, "the boot time is the CMOS clock's", world->info->boot_time += 3600)     \
    X(clock_stood_still, "the boot time is the CMOS clock's", world->info->boot_time += 10)       \
    X(clock_too_fast, "the TSC's frequency is right, by the ACPI timer",                          \
      world->info->tsc_frequency = UINT64_C(2101000000))                                          \
    X(clock_too_slow, "the TSC's frequency is right, by the ACPI timer",                          \
      world->info->tsc_frequency = UINT64_C(1899000000))                                          \
    X(serial_without_stride, "the serial port is complete",                                       \
      world->info->serial.register_stride = 0)                                                    \
    X(serial_none_with_base, "the serial port is complete",                                       \
      world->info->serial.kind = BOOTINFO_SERIAL_NONE)                                            \
    X(cpu_twice, "CPUs are listed once, the boot CPU first", world->cpus[2].id = 0)               \
    X(boot_cpu_second, "CPUs are listed once, the boot CPU first", world->info->boot_cpu = 0;     \
      world->cpus[0].flags = BOOTINFO_CPU_ENABLED; world->cpus[1].flags |= BOOTINFO_CPU_BOOT)     \
    X(no_boot_cpu, "CPUs are listed once, the boot CPU first", world->cpus[0].flags = 1)          \
    X(cpu_off, "CPUs are listed once, the boot CPU first", world->cpus[1].flags = 0)              \
    X(cpu_flag, "CPUs are listed once, the boot CPU first", world->cpus[1].flags |= 8)            \
    X(cpu_reserved, "reserved fields are zero", world->cpus[1].reserved = 1)                      \
    X(madt_missing, "the MADT has its signature and checksum", world->info->madt = 0)             \
    X(madt_name, "the MADT has its signature and checksum", world->madt[0]++; world->madt[1]--)   \
    X(madt_sum, "the MADT has its signature and checksum", world->madt[40]++)                     \
    X(bad_checksum, "the checksum is right", world->info->checksum ^= 1)

#define MAP_FAULTS(X)                                                                              \
    X(regions_swapped, "regions are sorted and disjoint",                                          \
      swap(&world->regions[1], &world->regions[2]))                                                \
    X(regions_overlap, "regions are sorted and disjoint", world->regions[1].size += 0x61000)       \
    X(half_a_page, "regions are whole pages, none empty", world->regions[1].size -= 0x800)         \
    X(empty_region, "regions are whole pages, none empty", world->regions[1].size = 0)             \
    X(unmerged, "neighbours alike are merged", split_last(world))                                  \
    X(type_18, "all types are known", world->regions[3].type = BOOTINFO_MEMORY_TYPE_COUNT)         \
    X(a_page_is_missing, "the map covers all that the firmware's map covers",                      \
      world_region(world, WORLD_SERVICES)->size -= PAGE_SIZE)                                      \
    X(a_page_too_many, "the map covers nothing else",                                              \
      world_region(world, 0xB00000)->size += PAGE_SIZE)                                            \
    X(services_called_usable, "types follow from the firmware's map",                              \
      world_region(world, WORLD_SERVICES)->type = BOOTINFO_MEMORY_USABLE)                          \
    X(usable_called_reserved, "types follow from the firmware's map",                              \
      world_region(world, 0x920000)->type = BOOTINFO_MEMORY_RESERVED)                              \
    X(uncached_called_usable, "types follow from the firmware's map",                              \
      world_descriptor(world, 6)->attributes = 1)                                                  \
    X(special_purpose_called_usable, "types follow from the firmware's map",                       \
      world_descriptor(world, 6)->attributes |= 0x40000)                                           \
    X(overlapped_by_reserved, "types follow from the firmware's map",                              \
      *world_descriptor(world, 2) = (struct firmware_descriptor){0, 0, 0x950000, 0, 1, 0xF})       \
    X(two_pages_reserved_at_0, "types follow from the firmware's map",                             \
      world->regions[0].size += PAGE_SIZE;                                                         \
      shrink_from_below(&world->regions[1]))                                                       \
    X(other_attributes, "attributes follow from the firmware's map",                               \
      world_region(world, WORLD_NVS)->efi_attributes |= 0x1000)                                    \
    X(usable_beyond_its_attributes, "attributes follow from the firmware's map",                   \
      world_region(world, 0x920000)->efi_attributes |= 0x2000)                                     \
    X(kernel_over_nvs, "what the loader placed lies in memory that was free for it",               \
      world_region(world, WORLD_NVS)->type = BOOTINFO_MEMORY_KERNEL)                               \
    X(stack_with_attributes_of_its_own,                                                            \
      "what the loader placed has the attributes common to all it covers",                         \
      world_region(world, WORLD_STACK)->efi_attributes = 0x8)                                      \
    X(page_0_usable, "page 0 is not to be taken", world->regions[0].type = BOOTINFO_MEMORY_USABLE) \
    X(no_low_page, "a usable page is left below 1 MiB",                                            \
      world->regions[1].type = BOOTINFO_MEMORY_RESERVED)

#define MACHINE_FAULTS(X)                                                                          \
    X(cs_16, "CS is 8", world->machine.cs = 16)                                                    \
    X(gs_0, "DS ES SS FS GS are 16", world->machine.gs = 0)                                        \
    X(fs_base, "FS and GS have base 0", world->machine.fs_base = 0x28)                             \
    X(gdt_of_the_firmware, "the GDT lies in a LOADER region",                                      \
      world->machine.gdt_base = world->info->info.address)                                         \
    X(gdt_over_the_end, "the GDT lies in a LOADER region",                                         \
      world->machine.gdt_base += 23 * PAGE_SIZE + 4064)                                            \
    X(code_of_32_bits, "descriptor 8 is 64-bit code of ring 0",                                    \
      world->gdt[1] = UINT64_C(0x00CF9B000000FFFF))                                                \
    X(code_of_ring_3, "descriptor 8 is 64-bit code of ring 0", world->gdt[1] |= UINT64_C(3) << 45) \
    X(read_only_data, "descriptor 16 is writable data of ring 0",                                  \
      world->gdt[2] = UINT64_C(0x00CF91000000FFFF))                                                \
    X(an_ldt, "LDTR is 0", world->machine.ldtr = 40)                                               \
    X(no_task, "TR is a busy 64-bit TSS", world->machine.tr = 0)                                   \
    X(available_task, "TR is a busy 64-bit TSS", world->gdt[3] &= ~(UINT64_C(2) << 40))            \
    X(short_task, "the TSS lies in a LOADER region", world->gdt[3]--)                              \
    X(task_elsewhere, "the TSS lies in a LOADER region", world->gdt[4]++)                          \
    X(idt_without_its_flag,                                                                        \
      "the IDT lies in a LOADER region with BOOTINFO_FLAG_FAULT_HANDLERS, else it is empty",       \
      world->machine.idt_limit = 511)                                                              \
    X(flag_without_its_idt,                                                                        \
      "the IDT lies in a LOADER region with BOOTINFO_FLAG_FAULT_HANDLERS, else it is empty",       \
      world->info->flags |= BOOTINFO_FLAG_FAULT_HANDLERS)                                          \
    X(idt_of_the_firmware,                                                                         \
      "the IDT lies in a LOADER region with BOOTINFO_FLAG_FAULT_HANDLERS, else it is empty",       \
      world->info->flags |= BOOTINFO_FLAG_FAULT_HANDLERS;                                          \
      world->machine.idt_limit = 511; world->machine.idt_base = WORLD_SERVICES)                    \
    X(tables_of_the_firmware, "all page tables lie in LOADER regions",                             \
      world_region(world, world->machine.cr3)->type = BOOTINFO_MEMORY_BOOT_SERVICES)               \
    X(mapped_elsewhere, "every page is mapped to itself",                                          \
      *world_page(world, 0xC0000000) += UINT64_C(1) << 21)                                         \
    X(small_page_elsewhere, "every page is mapped to itself", *world_page(world, 0x5000) = 0x6003) \
    X(read_only_page, "every page is writable and executable",                                     \
      *world_page(world, 0x40000000) &= ~UINT64_C(2))                                              \
    X(no_execute_page, "every page is writable and executable",                                    \
      *world_page(world, 0x40000000) |= UINT64_C(1) << 63)                                         \
    X(page_0_mapped, "page 0 is not mapped", *world_page(world, 0) = 3)                            \
    X(guard_mapped, "the stack's guard page is not mapped",                                        \
      *world_page(world, WORLD_STACK - PAGE_SIZE) = (WORLD_STACK - PAGE_SIZE) | 3)                 \
    X(hole_below_4_gib, "the low 4 GiB are mapped", *world_page(world, 0xFFE00000) = 0)            \
    X(page_1_unmapped, "the low 4 GiB are mapped", *world_page(world, 0x1000) = 0)                 \
    X(info_unmapped,                                                                               \
      "every region is mapped but RESERVED, MMIO, MMIO_PORT, UNUSABLE and UNACCEPTED",             \
      *world_page(world, world->info->info.address) = 0)                                           \
    X(screen_unmapped, "serial port, framebuffers, ACPI tables and SMBIOS are mapped",             \
      *world_page(world, WORLD_SCREEN + 0x200000) = 0)                                             \
    X(serial_unmapped, "serial port, framebuffers, ACPI tables and SMBIOS are mapped",             \
      world->info->serial.kind = BOOTINFO_SERIAL_16550_MEMORY;                                     \
      world->info->serial.base = UINT64_C(0x123400000000))                                         \
    X(runtime_unmapped, "every region with EFI_MEMORY_RUNTIME is mapped",                          \
      *world_page(world, world->info->efi_system_table) = 0)                                       \
    X(stray_mapping, "nothing else is mapped above 4 GiB",                                         \
      (void)world_page(world, UINT64_C(0x123400000000)))                                           \
    X(no_system_table, "the EFI system table is one", world->system_table[0] = 0)                  \
    X(system_table_changed, "the EFI system table has its CRC", world->system_table[100]++)        \
    X(endless_system_table, "the EFI system table has its CRC",                                    \
      memset(world->system_table + 12, 0xFF, 4))                                                   \
    X(no_runtime_services, "the runtime services have their signature and CRC",                    \
      world->services[0]++)                                                                        \
    X(runtime_services_changed, "the runtime services have their signature and CRC",               \
      world->services[135]++)                                                                      \
    X(system_table_not_kept, "the EFI system table lies in an EFI_RUNTIME_DATA region",            \
      world_region(world, world->info->efi_system_table)->type = BOOTINFO_MEMORY_USABLE)           \
    X(stride_of_44, "the EFI memory map's stride can be stepped by",                               \
      world->info->efi_descriptor_size = 44)                                                       \
    X(half_a_descriptor, "the EFI memory map's stride can be stepped by",                          \
      world->info->efi_memory_map.size -= 8)                                                       \
    X(descriptor_version_2, "the EFI memory map's descriptors have version 1",                     \
      world->info->efi_descriptor_version = 2)                                                     \
    X(other_rsdp, "the RSDP is the firmware's", world->info->acpi_rsdp = 0)                        \
    X(rsdp_checksum, "the RSDP has its signature and checksum", world->rsdp[15]++)                 \
    X(rsdp_extension, "the RSDP has its extended checksum", world->rsdp[33]++)                     \
    X(rsdp_too_short, "the RSDP has its extended checksum", world->rsdp[20] = 20)                  \
    X(smbios_anchor, "the SMBIOS entry point has its anchor and checksum", world->smbios[0]++;     \
      world->smbios[5]--)                                                                          \
    X(smbios_checksum, "the SMBIOS entry point has its anchor and checksum", world->smbios[8]++)   \
    X(smbios_empty, "the SMBIOS entry point has its anchor and checksum", world->smbios[6] = 0)    \
    X(other_smbios, "the SMBIOS entry point is the firmware's", world->info->smbios++)

#endif
