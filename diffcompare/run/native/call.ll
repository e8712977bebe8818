; A kernel as a builtin function of Python. `self` is a tuple whose first item is the address of an %Info.
; TYPEERROR, NONE and STACK stand for numbers: two addresses, and how many doubles the stack may take.

; kernel, context, inputs, outputs, slots, and for a call of fixed arrays: x, out, registers
%Info = type { ptr, ptr, i64, i64, i64, ptr, ptr, ptr }
@message = private constant [45 x i8] c"a program of %zd numbers was called with %zd\00"
declare double @PyFloat_AsDouble(ptr)
declare ptr @PyErr_Occurred()
declare ptr @PyErr_Format(ptr, ptr, ...)
declare ptr @PyErr_NoMemory()
declare ptr @PyFloat_FromDouble(double)
declare ptr @PyTuple_New(i64)
declare i32 @PyTuple_SetItem(ptr, i64, ptr)
declare ptr @PyTuple_GetItem(ptr, i64)
declare ptr @PyLong_AsVoidPtr(ptr)
declare ptr @PyMem_RawMalloc(i64)
declare void @PyMem_RawFree(ptr)
declare void @Py_IncRef(ptr)
declare void @Py_DecRef(ptr)

define ptr @call(ptr %self, ptr %args, i64 %given) {
entry:
  %item = call ptr @PyTuple_GetItem(ptr %self, i64 0)
  %info = call ptr @PyLong_AsVoidPtr(ptr %item)
  %pn = getelementptr %Info, ptr %info, i32 0, i32 2
  %n = load i64, ptr %pn
  %same = icmp eq i64 %n, %given
  br i1 %same, label %room, label %wrong
wrong:
  %none = call ptr (ptr, ptr, ...) @PyErr_Format(ptr inttoptr (i64 TYPEERROR to ptr), ptr @message, i64 %n, i64 %given)
  ret ptr null
room:
  %pm = getelementptr %Info, ptr %info, i32 0, i32 3
  %m = load i64, ptr %pm
  %pslots = getelementptr %Info, ptr %info, i32 0, i32 4
  %slots = load i64, ptr %pslots
  %both = add i64 %n, %m
  %all = add i64 %both, %slots
  %large = icmp ugt i64 %all, STACK
  br i1 %large, label %heap, label %stack
heap:
  %bytes = shl i64 %all, 3
  %block = call ptr @PyMem_RawMalloc(i64 %bytes)
  %full = icmp eq ptr %block, null
  br i1 %full, label %nomemory, label %begin
nomemory:
  %nothing = call ptr @PyErr_NoMemory()
  ret ptr null
stack:
  %local = alloca double, i64 %all
  br label %begin
begin:
  %x = phi ptr [%block, %heap], [%local, %stack]
  br label %head
head:
  %i = phi i64 [0, %begin], [%i1, %next]
  %more = icmp ult i64 %i, %n
  br i1 %more, label %read, label %run
read:
  %pa = getelementptr ptr, ptr %args, i64 %i
  %a = load ptr, ptr %pa
  %d = call double @PyFloat_AsDouble(ptr %a)
  %px = getelementptr double, ptr %x, i64 %i
  store double %d, ptr %px
  %odd = fcmp oeq double %d, -1.0
  br i1 %odd, label %check, label %next
check:
  %error = call ptr @PyErr_Occurred()
  %bad = icmp ne ptr %error, null
  br i1 %bad, label %finish, label %next
next:
  %i1 = add i64 %i, 1
  br label %head
run:
  %kernel = load ptr, ptr %info
  %pcontext = getelementptr %Info, ptr %info, i32 0, i32 1
  %context = load ptr, ptr %pcontext
  %out = getelementptr double, ptr %x, i64 %n
  %r = getelementptr double, ptr %x, i64 %both
  call void %kernel(ptr %x, ptr %out, ptr %r, ptr %context)
  %tuple = call ptr @PyTuple_New(i64 %m)
  %lost = icmp eq ptr %tuple, null
  br i1 %lost, label %finish, label %fill
fill:
  %j = phi i64 [0, %run], [%j1, %set]
  %left = icmp ult i64 %j, %m
  br i1 %left, label %put, label %finish
put:
  %po = getelementptr double, ptr %out, i64 %j
  %value = load double, ptr %po
  %float = call ptr @PyFloat_FromDouble(double %value)
  %nofloat = icmp eq ptr %float, null
  br i1 %nofloat, label %drop, label %set
drop:
  call void @Py_DecRef(ptr %tuple)
  br label %finish
set:
  %status = call i32 @PyTuple_SetItem(ptr %tuple, i64 %j, ptr %float)
  %j1 = add i64 %j, 1
  br label %fill
finish:
  %result = phi ptr [null, %check], [%tuple, %run], [%tuple, %fill], [null, %drop]
  br i1 %large, label %free, label %done
free:
  call void @PyMem_RawFree(ptr %x)
  br label %done
done:
  ret ptr %result
}

define ptr @trigger(ptr %self, ptr %unused) {
  %item = call ptr @PyTuple_GetItem(ptr %self, i64 0)
  %info = call ptr @PyLong_AsVoidPtr(ptr %item)
  %kernel = load ptr, ptr %info
  %pcontext = getelementptr %Info, ptr %info, i32 0, i32 1
  %context = load ptr, ptr %pcontext
  %px = getelementptr %Info, ptr %info, i32 0, i32 5
  %x = load ptr, ptr %px
  %pout = getelementptr %Info, ptr %info, i32 0, i32 6
  %out = load ptr, ptr %pout
  %pr = getelementptr %Info, ptr %info, i32 0, i32 7
  %r = load ptr, ptr %pr
  call void %kernel(ptr %x, ptr %out, ptr %r, ptr %context)
  call void @Py_IncRef(ptr inttoptr (i64 NONE to ptr))
  ret ptr inttoptr (i64 NONE to ptr)
}
